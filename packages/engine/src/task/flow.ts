import type {
  ChangeEvent,
  CommandResult,
  FenceOrder,
  HostId,
  Outcome,
  Progress,
  StepName,
  Task,
  TaskKind,
  Vm,
  VmDefinition,
  Waiting,
  World,
} from '@drover/model'
import type { CommandBody } from '@drover/protocol'
import type { Context } from '../context'

/** What a step may do besides: remember something for later steps, and change rows in the same commit. */
export interface Effects {
  /** Merged into the task's memo. */
  memo?: Record<string, unknown>
  events?: ChangeEvent[]
}

/** The one word in which a step says how its task goes on. */
export type Flow =
  /** Give this order to the agent of this host, and come back with its result. */
  | ({ flow: 'send'; hostId: HostId; body: CommandBody } & Effects)
  /** Have control's fence runner do this, and come back with its result. */
  | ({ flow: 'fence'; order: FenceOrder } & Effects)
  /** Come back when the world has changed, or not before a time. */
  | ({ flow: 'wait'; waiting: Waiting | null; untilAt: number | null } & Effects)
  /** This step is done (or there was nothing to do); on to the next. */
  | ({ flow: 'next'; skipped?: boolean; progress?: Partial<Progress> } & Effects)
  /** This step did not work out: give up the rest of the plan and do these steps instead. */
  | ({ flow: 'turn'; to: { name: StepName; hostId: HostId | null }[] } & Effects)
  /** The task is over. */
  | ({ flow: 'finish'; state: 'succeeded' | 'failed' | 'cancelled'; outcome: Outcome } & Effects)

/** An order that was answered. */
export interface Said {
  hostId: HostId | 'control'
  body: CommandBody | FenceOrder
  result: CommandResult
}

/** What a step sees. */
export interface Scene<K extends TaskKind = TaskKind> {
  world: World
  ctx: Context
  now: number
  task: Task<K>
  step: StepName
  /** The task's VM, with what earlier steps of this move have changed; undefined before its creation. */
  vm: Vm | undefined
  definition: VmDefinition | undefined
  /** The answer to the order that this step gave last; null when the step begins or was woken from a wait. */
  said: Said | null
}

export function send(hostId: HostId, body: CommandBody, effects: Effects = {}): Flow {
  return { flow: 'send', hostId, body, ...effects }
}

/** The data of a successful answer. Control has checked it against the schema of the order's kind. */
export function dataOf<T>(said: Said): T {
  if (!said.result.ok) throw new Error(`${said.body.kind} failed: there is no data`)
  return said.result.data as T
}

/** Whether the agent restarted in the middle and cannot say how the order ended. */
export function interrupted(said: Said): boolean {
  return !said.result.ok && said.result.error === 'interrupted'
}

/** How often this step has begun its order anew. */
export function triesOf(scene: Scene): number {
  return typeof scene.task.memo.tries === 'number' ? scene.task.memo.tries : 0
}

/** An order that is harmless to repeat is repeated this often when its agent keeps restarting. */
export const maxTries = 5

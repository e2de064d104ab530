import {
  type DecisionId,
  type EvacuationMove,
  type EvacuationPlan,
  type Host,
  type HostId,
  type HostMode,
  type Refusal,
  refOf,
  type Task,
  type TaskPlan,
  type VmId,
  type World,
} from '@drover/model'
import type { Context } from '../context'
import { accept, type Decision, refuse } from '../decision'
import { startTask } from '../task/create'
import type { Flow, Scene } from '../task/flow'
import { openParts } from '../task/parts'
import type { Ending } from '../task/step'
import { Changes } from '../world/changes'
import { hostOf } from '../world/find'
import { put } from '../world/rows'
import { blockersOf, type EvacuationStarted, hostPlan, ready, removed } from './evacuate'
import { emptyHost } from './evacuate/empty'
import { finished, movesOf } from './evacuate/plan'
import { situationOf } from './evacuate/situation'
import { type SleepMemo, stayAwake } from './sleep/memo'
import { checkSpared, whyComesFirst } from './sleep/needed'
import { goToSleep, proveOff } from './sleep/off'
import { whyUnasked } from './sleep/unasked'
import { standbyOf } from './standby'
import { awaitProof, switchOn } from './wake/on'

export interface SleepInput {
  hostId: string
  /** In words. */
  why: string
  decisionId: DecisionId | null
  until: number | null
  /** A person wants it: rules leave it alone until a person wakes it. */
  byHand: boolean
  /** Also when those that stay awake would not survive the failures that they should. */
  evenIfNeeded?: boolean
  /** It goes down and is woken at once, to show that it can be. */
  test?: boolean
  /** Where its VMs go, as a decision has it; the rest, and what does not fit any more, is planned now. */
  wanted?: ReadonlyMap<VmId, HostId>
  reason?: string | null
}

/** How a host would be emptied so that nobody notices: only live moves, with disks where they are. */
export function planSleep(
  world: World,
  host: Host,
  wanted: ReadonlyMap<VmId, HostId> = new Map(),
): EvacuationPlan {
  const moves: EvacuationMove[] = movesOf(world, host, { onlyLive: true, wanted })
  return finished(world, host, moves, [])
}

/** Every reason against putting a host to sleep now, emptied as planned. */
export function checkSleep(
  world: World,
  host: Host,
  input: Omit<SleepInput, 'hostId'>,
  { moves }: EvacuationPlan,
): Refusal[] {
  const { test = false, evenIfNeeded = false } = input
  const refusals = situationOf(world, host, test ? 'proveWake' : 'sleep')
  if (!test && !host.wake)
    refusals.push({
      code: 'not_now',
      problem: `It was never shown that ${host.name} comes up when it is switched on`,
      remedy: `Prove it first: drover host wake ${host.name} --test`,
    })
  if (!evenIfNeeded) refusals.push(...checkSpared(world, host, moves))
  return refusals
}

function stepsOf(test: boolean) {
  const down = ['evacuate', 'go to sleep', 'prove that it is off'] as const
  return test ? [...down, 'wake up' as const, 'wait for its agent' as const] : [...down]
}

function taskPlanOf(host: Host, plan: EvacuationPlan, against: Refusal[], test: boolean): TaskPlan {
  return hostPlan('host.sleep', host, stepsOf(test), against, plan.expectedMs)
}

/** What `decideSleep` would do now, with every reason against. */
export function rehearseSleep(world: World, input: SleepInput): EvacuationStarted {
  const host = hostOf(world, input.hostId as HostId)
  const evacuation = planSleep(world, host, input.wanted)
  const against = [...checkSleep(world, host, input, evacuation), ...blockersOf(evacuation)]
  return { taskId: null, plan: taskPlanOf(host, evacuation, against, input.test ?? false), evacuation }
}

/**
 * Puts a host to sleep: emptied live, shut down, and proven off by its fence device. From the acceptance on it gets no VMs.
 * Refused while a failure could not be survived without it, or when any VM cannot go live.
 */
export function decideSleep(world: World, input: SleepInput, ctx: Context): Decision<EvacuationStarted> {
  const host = world.tables.host.get(input.hostId)
  if (!host) return refuse([{ code: 'not_found', noun: 'host', id: input.hostId }])
  const { why, decisionId, until, byHand, evenIfNeeded = false, test = false, reason = null } = input
  const plan = planSleep(world, host, input.wanted)
  const against = [...checkSleep(world, host, input, plan), ...blockersOf(plan)]
  const before: HostMode = host.mode
  const params = { plan, why, decisionId, until, byHand, evenIfNeeded, test }
  const started = startTask(world, ctx, taskPlanOf(host, plan, against, test), () => ({
    kind: 'host.sleep',
    params,
    vm: null,
    host: refOf(host),
    clusterId: host.clusterId,
    hostIds: [host.id],
    reason,
    begun: true,
    memo: { before, beforeReason: host.modeReason } satisfies SleepMemo as Record<string, unknown>,
  }))
  if (!started.ok) return started
  const { taskId } = started.value
  const changes = new Changes(world, ctx, { taskId })
  changes.add(started.change)
  const standby = standbyOf({ params } as Pick<Task<'host.sleep'>, 'params'>, ctx.now)
  const row: Host = { ...host, mode: 'entering', modeReason: why, standby }
  const text = `${host.name} is emptied, to sleep: ${why}`
  changes.say({ kind: 'host.standby', host: refOf(host), asleep: false, text }, [put('host', row)])
  return accept(changes.events, { ...started.value, evacuation: plan })
}

export function sleepStep(scene: Scene<'host.sleep'>): Flow {
  const host = scene.world.tables.host.get(scene.task.host!.id)
  if (!host) return removed(scene)
  switch (scene.step) {
    case 'evacuate':
      return empty(scene, host)
    case 'go to sleep':
      return goToSleep(scene, host)
    case 'prove that it is off':
      return proveOff(scene, host)
    case 'wake up':
      return switchOn(scene, host, (cause, events) => notWoken(scene, cause, events))
    case 'wait for its agent':
      return awaitProof(scene, host, (cause, events) => notWoken(scene, cause, events))
    default:
      throw new Error(`host.sleep has no step "${scene.step}"`)
  }
}

/** Emptying is called off as soon as anything comes first, as if somebody had cancelled it; what was moved stays moved. */
function empty(scene: Scene<'host.sleep'>, host: Host): Flow {
  const { task, world } = scene
  const unasked = world.tables.decision.get(task.params.decisionId ?? '')?.automatic === true
  const stops = () => whyComesFirst(world, host) ?? (unasked ? whyUnasked(world, host) : null)
  const why = task.state === 'cancelling' ? null : stops()
  if (why === null) return emptyHost(scene, host, (short) => stayAwake(scene, host, short))
  const calledOff = { ...scene, task: { ...task, state: 'cancelling' as const } }
  const open = openParts(world, task.id)
  if (open.length > 0) return emptyHost(calledOff, host, (short) => stayAwake(scene, host, short))
  return stayAwake(scene, host, { state: 'failed', cause: why, remedy: 'It is in service again' })
}

function notWoken(scene: Scene<'host.sleep'>, cause: string, events: Flow['events'] = []): Flow {
  const outcome = { code: 'not_woken', host: scene.task.host!, cause } as const
  return { flow: 'finish', state: 'failed', outcome, events }
}

export function sleepOutcome(scene: Scene<'host.sleep'>): Ending {
  return ready(scene, scene.task.params.test ? 'proven' : 'asleep')
}

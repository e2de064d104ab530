import { type DecisionId, type Host, mayHost, refOf, type TaskPlan, verdict, type World } from '@drover/model'
import type { Context } from '../context'
import { accept, type Decision, refuse } from '../decision'
import { decideCancel } from '../task/cancel'
import { type Started, startTask } from '../task/create'
import type { Flow, Scene } from '../task/flow'
import type { Ending } from '../task/step'
import { tasksOn } from '../world/find'
import { situation } from './fenceByHand'
import { awaitProof, switchOn } from './wake/on'

export interface WakeInput {
  hostId: string
  /** In words. */
  why: string
  decisionId: DecisionId | null
  reason?: string | null
}

export function planWake(world: World, host: Host): TaskPlan {
  const self = refOf(host)
  return {
    what: 'host.wake',
    vm: null,
    verdict: verdict(mayHost('wake', situation(world, host))),
    steps: [
      { name: 'wake up', host: self },
      { name: 'wait for its agent', host: self },
    ],
    target: null,
    method: null,
    expectedMs: host.wake?.ms ?? null,
  }
}

/** The task that is waking it already, and the one that puts it to sleep and can still be called off. */
function underWay(world: World, host: Host) {
  const open = tasksOn(world, host.id).filter((task) => task.host?.id === host.id)
  const waking = open.find(({ kind }) => kind === 'host.wake' || kind === 'host.powerOn')
  const falling = open.find(({ kind, memo }) => kind === 'host.sleep' && memo.bootId === undefined)
  return { waking, falling }
}

/** Whether it can be woken now. One that is going down has to be down first. */
export function mayWake(world: World, host: Host): boolean {
  const { waking, falling } = underWay(world, host)
  return waking !== undefined || falling !== undefined || planWake(world, host).verdict.ok
}

/**
 * Wakes a host that sleeps. One that is only being emptied for it stays awake, and one that is being woken already is: no task
 * of its own then. Nothing else that is going on speaks against it.
 */
export function decideWake(world: World, input: WakeInput, ctx: Context): Decision<Started> {
  const host = world.tables.host.get(input.hostId)
  if (!host) return refuse([{ code: 'not_found', noun: 'host', id: input.hostId }])
  const plan = planWake(world, host)
  const { waking, falling } = underWay(world, host)
  if (waking) return accept([], { taskId: waking.id, plan: { ...plan, verdict: { ok: true } } })
  if (falling) {
    const cancelled = decideCancel(world, { taskId: falling.id }, ctx)
    const value = { taskId: falling.id, plan: { ...plan, steps: [], verdict: { ok: true } as const } }
    return cancelled.ok ? accept(cancelled.change, value) : cancelled
  }
  return startTask(world, ctx, plan, () => ({
    kind: 'host.wake' as const,
    params: { why: input.why, decisionId: input.decisionId },
    vm: null,
    host: refOf(host),
    name: host.name,
    clusterId: host.clusterId,
    hostIds: [host.id],
    reason: input.reason ?? null,
    begun: true,
  }))
}

export function wakeStep(scene: Scene<'host.wake'>): Flow {
  const { world, task, said, step } = scene
  const host = world.tables.host.get(task.host!.id)
  const failed = (cause: string, events: Flow['events'] = []): Flow => finish(scene, 'failed', cause, events)
  if (!host) return failed('it was removed from Drover')
  if (host.state === 'fenced' && host.mode !== 'standby') return failed('it does not sleep any more')
  if (task.state === 'cancelling' && !said && host.state === 'fenced')
    return finish(scene, 'cancelled', 'it was cancelled')
  return step === 'wait for its agent' ? awaitProof(scene, host, failed) : switchOn(scene, host, failed)
}

export function wakeOutcome({ task, now, world }: Scene<'host.wake'>): Ending {
  const host = task.host!
  const name = world.tables.host.get(host.id)?.name ?? host.name
  const totalMs = now - (task.startedAt ?? now)
  return { state: 'succeeded', outcome: { code: 'powered_on', host: { ...host, name }, totalMs } }
}

function finish(
  { task }: Scene<'host.wake'>,
  state: 'failed' | 'cancelled',
  cause: string,
  events: Flow['events'] = [],
): Flow {
  return { flow: 'finish', state, outcome: { code: 'not_woken', host: task.host!, cause }, events }
}

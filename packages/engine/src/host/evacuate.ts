import {
  type EvacuationPlan,
  type Host,
  type HostMode,
  isActive,
  type Outcome,
  type Refusal,
  refOf,
  type StepName,
  type TaskPlan,
  verdict,
  type World,
} from '@drover/model'
import type { Context } from '../context'
import { accept, type Decision, refuse } from '../decision'
import { type Started, startTask } from '../task/create'
import type { Flow, Scene } from '../task/flow'
import type { Ending } from '../task/step'
import { hostOf, vmsOn } from '../world/find'
import { type EmptyingScene, emptyHost, type StoppedShort, stoppedShort } from './evacuate/empty'
import { movesMemo } from './evacuate/memo'
import { approvedPlan, type EvacuateOptions, planEvacuation } from './evacuate/plan'
import { situationOf } from './evacuate/situation'
import { modeChanged } from './mode'
import { withoutStandby } from './standby'

export interface EvacuateInput {
  hostId: string
  then: 'maintenance' | 'nothing'
  /** Of the plan that was approved; exactly its moves are made. Null: as it is planned now. */
  fingerprint?: string | null
  /** Moves what can be moved and waits for the rest to become possible, instead of refusing when one VM cannot go. */
  partial?: boolean
  /** VMs that run and cannot go live are shut down, moved and started again. */
  cold?: boolean
  reason?: string | null
}

/** What an accepted evacuation answers. `taskId` is null when there was nothing to do but to change the mode. */
export interface EvacuationStarted extends Started {
  evacuation: EvacuationPlan
}

/** The plan as approved, or as things are now; or why not. */
export function plannedFor(
  world: World,
  host: Host,
  fingerprint: string | null,
  options: EvacuateOptions,
  now: number,
): { ok: true; plan: EvacuationPlan } | { ok: false; refusals: Refusal[] } {
  return fingerprint
    ? approvedPlan(world, host, fingerprint, options)
    : { ok: true, plan: planEvacuation(world, host.id, now, options) }
}

/** Every VM that can go nowhere, with every reason. */
export function blockersOf(plan: EvacuationPlan): Refusal[] {
  const vms = plan.moves.filter(({ blockers }) => blockers.length > 0)
  if (vms.length === 0) return []
  return [
    { code: 'blockers', host: plan.host, vms: vms.map(({ vm, blockers }) => ({ vm, refusals: blockers })) },
  ]
}

/** How a task of one host reads as a plan. */
export function hostPlan(
  what: TaskPlan['what'],
  host: Host,
  steps: StepName[],
  refusals: Refusal[],
  expectedMs: number | null,
): TaskPlan {
  const ref = refOf(host)
  const named = steps.map((name) => ({ name, host: ref }))
  return { what, vm: null, verdict: verdict(refusals), steps: named, target: null, method: null, expectedMs }
}

/** What `decideEvacuate` would do now, with every reason against; for looking at it first. */
export function rehearseEvacuate(world: World, input: EvacuateInput, now: number): EvacuationStarted {
  const host = hostOf(world, input.hostId as Host['id'])
  const { then, partial = false, cold = false } = input
  const planned = plannedFor(world, host, input.fingerprint ?? null, { cold }, now)
  const evacuation = planned.ok ? planned.plan : planEvacuation(world, host.id, now, { cold })
  const against = [
    ...situationOf(world, host, then === 'maintenance' ? 'enterMaintenance' : 'evacuate'),
    ...(planned.ok ? [] : planned.refusals),
    ...(partial ? [] : blockersOf(evacuation)),
  ]
  const plan = hostPlan('host.evacuate', host, evacuationSteps(then), against, evacuation.expectedMs)
  return { taskId: null, plan, evacuation }
}

function evacuationSteps(then: EvacuateInput['then']): StepName[] {
  return then === 'maintenance' ? ['evacuate', 'enter maintenance'] : ['evacuate']
}

/**
 * Empties a host, by a plan that was approved or by the one of now. From its acceptance on the host gets no new VMs. Refused,
 * with every VM that stands in the way and why, unless all can go or `partial` says to begin with those that can.
 */
export function decideEvacuate(
  world: World,
  input: EvacuateInput,
  ctx: Context,
): Decision<EvacuationStarted> {
  const { then, partial = false, cold = false, reason = null } = input
  const host = world.tables.host.get(input.hostId)
  if (!host) return refuse([{ code: 'not_found', noun: 'host', id: input.hostId }])
  const may = situationOf(world, host, then === 'maintenance' ? 'enterMaintenance' : 'evacuate')
  if (may.length > 0) return refuse(may)
  const planned = plannedFor(world, host, input.fingerprint ?? null, { cold }, ctx.now)
  if (!planned.ok) return refuse(planned.refusals)
  const { plan } = planned
  const steps = evacuationSteps(then)
  const cause = { initiator: ctx.initiator }
  if (host.state === 'fenced') {
    // One that sleeps is empty and off already; from now on nobody wakes it but a person.
    const evacuation = { ...plan, moves: [], refusals: [], complete: true }
    const change = modeChanged(withoutStandby(host), 'maintenance', cause, { modeReason: reason })
    return accept(change, { taskId: null, plan: hostPlan('host.evacuate', host, [], [], 0), evacuation })
  }
  const taskPlan = hostPlan('host.evacuate', host, steps, partial ? [] : blockersOf(plan), plan.expectedMs)
  const started = startTask(world, ctx, taskPlan, () => ({
    kind: 'host.evacuate',
    params: { plan, then, partial, cold },
    vm: null,
    host: refOf(host),
    clusterId: host.clusterId,
    hostIds: [host.id],
    reason,
    begun: true,
    memo: { before: host.mode === 'entering' ? 'normal' : host.mode } satisfies { before: HostMode },
  }))
  if (!started.ok) return started
  const entering = modeChanged(
    host,
    'entering',
    { ...cause, taskId: started.value.taskId },
    {
      modeReason: reason,
      held: heldBy(host, plan, ctx.now),
    },
  )
  return accept([...started.change, ...entering], { ...started.value, evacuation: plan })
}

/** VMs that are shut down and not moved wait for their host. */
export function heldBy(host: Host, plan: EvacuationPlan, now: number): Host['held'] {
  const stops = plan.moves.some(({ method }) => method === 'stop')
  return stops ? { at: now, bootId: host.facts?.bootId ?? null } : host.held
}

export function evacuateStep(scene: Scene<'host.evacuate'>): Flow {
  const host = scene.world.tables.host.get(scene.task.host!.id)
  if (!host) return removed(scene)
  const stop = (short: StoppedShort) => stopAt(scene, host, short)
  switch (scene.step) {
    case 'evacuate': {
      const flow = emptyHost(scene, host, stop)
      return flow.flow === 'next' && scene.task.params.then === 'nothing'
        ? { ...flow, events: modeChanged(host, movesMemo(scene).before ?? 'normal', causeOf(scene)) }
        : flow
    }
    case 'enter maintenance': {
      // Something may have come between the two, and has to go as well.
      const flow = emptyHost(scene, host, stop)
      return flow.flow === 'next'
        ? { ...flow, events: modeChanged(host, 'maintenance', causeOf(scene)) }
        : flow
    }
    default:
      throw new Error(`host.evacuate has no step "${scene.step}"`)
  }
}

export function evacuateOutcome(scene: Scene<'host.evacuate'>): Ending {
  const mode = scene.task.params.then === 'maintenance' ? 'maintenance' : 'empty'
  return ready(scene, mode)
}

/** The good end of a task about a host. */
export function ready(
  scene: EmptyingScene | Scene<'host.exitMaintenance'>,
  mode: (Outcome & { code: 'host_ready' })['mode'],
): Ending {
  const moved = movesMemo(scene as Scene<'host.evacuate'>).moved ?? 0
  const totalMs = scene.now - (scene.task.startedAt ?? scene.now)
  return { state: 'succeeded', outcome: { code: 'host_ready', host: scene.task.host!, mode, moved, totalMs } }
}

/**
 * Ends short of its end. Cancelled, the host is as it was before. Failed, it stays as it is, taking no new VMs, so that
 * what was achieved is not undone behind somebody's back; whoever evacuates only gets it back at once.
 */
function stopAt(scene: Scene<'host.evacuate'>, host: Host, short: StoppedShort): Flow {
  const stays = short.state === 'failed' && scene.task.params.then === 'maintenance'
  const back = movesMemo(scene).before ?? 'normal'
  const events =
    stays || host.mode !== 'entering' ? [] : modeChanged(host, back, causeOf(scene), { held: null })
  const remedy = stays ? `${short.remedy}; it takes no new VMs until its maintenance is ended` : short.remedy
  return { flow: 'finish', state: short.state, outcome: stoppedShort(scene, { ...short, remedy }), events }
}

export function causeOf(scene: EmptyingScene | Scene<'host.exitMaintenance'>) {
  return { initiator: scene.task.initiator, taskId: scene.task.id }
}

/** The host was taken out of the inventory meanwhile. */
export function removed(scene: EmptyingScene | Scene<'host.exitMaintenance'>): Flow {
  const short = { state: 'failed', cause: 'it was removed', remedy: 'Nothing is left to do' } as const
  return { flow: 'finish', state: 'failed', outcome: stoppedShort(scene, short) }
}

/** Active VMs of a host. */
export function activeOn(world: World, hostId: Host['id']) {
  return vmsOn(world, hostOf(world, hostId).id).filter(isActive)
}

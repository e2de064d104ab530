import {
  type GuestPolicy,
  type Host,
  type HostMode,
  refOf,
  type StepName,
  type VmId,
  type World,
} from '@drover/model'
import type { Context } from '../context'
import { accept, type Decision, refuse } from '../decision'
import { startTask } from '../task/create'
import type { Flow, Scene } from '../task/flow'
import type { Ending } from '../task/step'
import { hostOf } from '../world/find'
import {
  activeOn,
  blockersOf,
  type EvacuationStarted,
  heldBy,
  hostPlan,
  plannedFor,
  ready,
  removed,
} from './evacuate'
import { emptyHost } from './evacuate/empty'
import { finished, planEvacuation } from './evacuate/plan'
import { situationOf } from './evacuate/situation'
import { modeChanged } from './mode'
import { stopGuests } from './shutdown/guests'
import { endShort, type ShutdownMemo } from './shutdown/memo'
import { awaitAgent, switchOff } from './shutdown/off'
import { startGuests } from './shutdown/start'

export interface ShutdownHostInput {
  hostId: string
  reboot: boolean
  guests: GuestPolicy
  /** The host's name, typed once more. */
  confirmName: string
  fingerprint?: string | null
  cold?: boolean
  /** Waits for what cannot be moved to become movable, instead of refusing. Only for `evacuate`. */
  partial?: boolean
  reason?: string | null
}

/** What a shutdown goes through, by what becomes of the guests. */
function stepsOf(guests: GuestPolicy, reboot: boolean): StepName[] {
  const before: StepName[] = guests === 'evacuate' ? ['evacuate'] : ['shut the guests down']
  const back: StepName[] = reboot ? ['wait for its agent'] : []
  const stay = guests === 'restartInPlace' || guests === 'hold'
  return [...before, 'shut the host down', ...back, ...(reboot && stay ? ['start the guests' as const] : [])]
}

/**
 * Shuts a host down, or reboots it. Its guests are moved away before (`evacuate`), shut down and started elsewhere once the
 * host is proven off (`failover`), or shut down and started again only there, when it is back (`restartInPlace`, `hold`).
 * None of them counts as stopped by a person: they should run.
 */
export function decideShutdownHost(
  world: World,
  input: ShutdownHostInput,
  ctx: Context,
): Decision<EvacuationStarted> {
  const { reboot, guests, cold = false, partial = false, reason = null } = input
  const host = world.tables.host.get(input.hostId)
  if (!host) return refuse([{ code: 'not_found', noun: 'host', id: input.hostId }])
  const may = situationOf(world, host, reboot ? 'reboot' : 'shutdown')
  if (input.confirmName !== host.name) may.push({ code: 'confirm_name', noun: 'host', name: host.name })
  if (may.length > 0) return refuse(may)
  const planned = plannedFor(world, host, input.fingerprint ?? null, { cold }, ctx.now)
  if (!planned.ok) return refuse(planned.refusals)
  const plan = guests === 'evacuate' ? planned.plan : finished(world, host, [], [])
  // That a host is in maintenance speaks against emptying it, not against shutting it down.
  const against = partial ? [] : blockersOf(plan)
  const taskPlan = hostPlan('host.shutdown', host, stepsOf(guests, reboot), against, plan.expectedMs)
  const running = activeOn(world, host.id).map(({ id }) => id)
  const started = startTask(world, ctx, taskPlan, () => ({
    kind: 'host.shutdown',
    params: { reboot, guests, plan: guests === 'evacuate' ? plan : null, cold, partial },
    vm: null,
    host: refOf(host),
    clusterId: host.clusterId,
    hostIds: [host.id],
    reason,
    begun: true,
    memo: before(host, running) as Record<string, unknown>,
  }))
  if (!started.ok) return started
  const held =
    guests === 'evacuate' ? heldBy(host, plan, ctx.now) : { at: ctx.now, bootId: host.facts?.bootId ?? null }
  const cause = { initiator: ctx.initiator, taskId: started.value.taskId }
  const entering = modeChanged(host, 'entering', cause, { modeReason: reason ?? host.modeReason, held })
  return accept([...started.change, ...entering], { ...started.value, evacuation: plan })
}

/** What `decideShutdownHost` would do now, with every reason against but the name. */
export function rehearseShutdown(
  world: World,
  input: Omit<ShutdownHostInput, 'confirmName'>,
  now: number,
): EvacuationStarted {
  const host = hostOf(world, input.hostId as Host['id'])
  const { reboot, guests, cold = false, partial = false } = input
  const planned = plannedFor(world, host, input.fingerprint ?? null, { cold }, now)
  const all = planned.ok ? planned.plan : planEvacuation(world, host.id, now, { cold })
  const evacuation = guests === 'evacuate' ? all : finished(world, host, [], [])
  const against = [
    ...situationOf(world, host, reboot ? 'reboot' : 'shutdown'),
    ...(planned.ok ? [] : planned.refusals),
    ...(partial ? [] : blockersOf(evacuation)),
  ]
  const plan = hostPlan('host.shutdown', host, stepsOf(guests, reboot), against, evacuation.expectedMs)
  return { taskId: null, plan, evacuation }
}

function before(host: Host, guests: VmId[]): ShutdownMemo {
  const mode: HostMode = host.mode === 'entering' ? 'normal' : host.mode
  return { before: mode, beforeReason: host.modeReason, guests }
}

export function shutdownStep(scene: Scene<'host.shutdown'>): Flow {
  const host = scene.world.tables.host.get(scene.task.host!.id)
  if (!host) return removed(scene)
  switch (scene.step) {
    case 'evacuate':
      return emptyHost(scene, host, (short) => endShort(scene, host, short))
    case 'shut the guests down':
      return stopGuests(scene, host)
    case 'shut the host down':
      return switchOff(scene, host)
    case 'wait for its agent':
      return awaitAgent(scene, host)
    case 'start the guests':
      return startGuests(scene, host)
    default:
      throw new Error(`host.shutdown has no step "${scene.step}"`)
  }
}

export function shutdownOutcome(scene: Scene<'host.shutdown'>): Ending {
  const memo = scene.task.memo as ShutdownMemo
  return memo.end ?? ready(scene, scene.task.params.reboot ? 'rebooted' : 'off')
}

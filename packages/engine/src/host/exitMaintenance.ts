import {
  type EvacuationMove,
  type EvacuationPlan,
  type Host,
  type HostId,
  isActive,
  type Refusal,
  refOf,
  type Task,
  type TaskPlan,
  type Vm,
  type World,
} from '@drover/model'
import type { Context } from '../context'
import { accept, type Decision, refuse } from '../decision'
import { choosePlaces } from '../plan/choosePlaces'
import { decideCancel } from '../task/cancel'
import { startTask } from '../task/create'
import type { Flow, Scene } from '../task/flow'
import { callOff, openParts } from '../task/parts'
import type { Ending } from '../task/step'
import { hostOf, hostsOf, tasksOn } from '../world/find'
import { type EvacuationStarted, hostPlan, ready, removed } from './evacuate'
import { begin, reckon, roomForParts, triesOfMove, waitForParts } from './evacuate/carry'
import { stoppedShort } from './evacuate/empty'
import { type MovesMemo, movesMemo } from './evacuate/memo'
import { finished } from './evacuate/plan'
import { wayTo } from './evacuate/route'
import { situationOf } from './evacuate/situation'
import { modeChanged } from './mode'

export interface ExitInput {
  hostId: string
  /** Brings back what was evacuated from it. */
  home?: boolean
  reason?: string | null
}

/** VMs that were taken away from this host and that nobody has moved since. */
function awayFrom(world: World, host: Host): Vm[] {
  return [...world.tables.vm.values()].filter(
    (vm) => vm.homeId === host.id && vm.hostId !== host.id && isActive(vm),
  )
}

/**
 * How the VMs that were taken away would come home: each live, in an order in which each fits when it begins. They only
 * come to where there is room already, so no two can wait for one another; what does not fit stays where it is and says why.
 */
export function planHome(world: World, hostId: string): EvacuationPlan {
  const row = hostOf(world, hostId as HostId)
  const host: Host = { ...row, mode: 'normal' }
  const after = withHost(world, host)
  const vms = awayFrom(world, host).sort(
    (a, b) => b.memoryBytes - a.memoryBytes || (a.name < b.name ? -1 : 1),
  )
  const others = hostsOf(world, { id: host.clusterId }).filter(({ id }) => id !== host.id)
  const places = choosePlaces(after, vms, {
    purpose: 'migrate',
    avoid: new Set(others.map(({ id }) => id)),
    lean: () => null,
  })
  const moves = vms.map((vm): EvacuationMove => {
    const way = wayTo(after, vm, host, false)
    const place = places.get(vm.id)
    const against = place && 'refusals' in place ? place.refusals : []
    const blockers = way.method ? against : way.refusals
    const note = blockers.length > 0 ? 'It stays where it is.' : null
    const { expectedMs, bytes } = way
    return {
      vm: refOf(vm),
      method: way.method ?? 'live',
      target: refOf(host),
      expectedMs,
      bytes,
      note,
      blockers,
    }
  })
  return finished(world, host, moves, [])
}

/** The world with another row for one host. */
function withHost(world: World, host: Host): World {
  const hosts = new Map(world.tables.host).set(host.id, host)
  return { ...world, tables: { ...world.tables, host: hosts } }
}

/** What `decideExitMaintenance` would do now, with every reason against. */
export function rehearseExit(world: World, { hostId, home = false }: ExitInput): EvacuationStarted {
  const host = hostOf(world, hostId as HostId)
  const against = host.mode === 'normal' ? [] : situationOf(world, host, 'exitMaintenance')
  const evacuation = home ? planHome(world, host.id) : finished(world, host, [], [])
  return { taskId: null, plan: homePlan(host, evacuation, against), evacuation }
}

function homePlan(host: Host, plan: EvacuationPlan, against: Refusal[]): TaskPlan {
  const comes = plan.moves.some(({ blockers }) => blockers.length === 0)
  return hostPlan('host.exitMaintenance', host, comes ? ['bring its VMs home'] : [], against, plan.expectedMs)
}

/**
 * Puts a host back into service, at once; an evacuation that is still under way is cancelled. With `home` what was taken
 * from it comes back, as a task. In service already is no error.
 */
export function decideExitMaintenance(
  world: World,
  input: ExitInput,
  ctx: Context,
): Decision<EvacuationStarted> {
  const { home = false, reason = null } = input
  const host = world.tables.host.get(input.hostId)
  if (!host) return refuse([{ code: 'not_found', noun: 'host', id: input.hostId }])
  const may = host.mode === 'normal' ? [] : situationOf(world, host, 'exitMaintenance')
  if (may.length > 0) return refuse(may)
  const cause = { initiator: ctx.initiator }
  const evacuations = tasksOn(world, host.id).filter(
    ({ kind, host: about }) => kind === 'host.evacuate' && about?.id === host.id,
  )
  const calledOff = evacuations.flatMap(({ id }) => {
    const cancelled = decideCancel(world, { taskId: id }, ctx)
    return cancelled.ok ? cancelled.change : []
  })
  const back = [...calledOff, ...modeChanged(host, 'normal', cause, { held: null })]
  const plan = home ? planHome(world, host.id) : finished(world, host, [], [])
  const taskPlan = homePlan(host, plan, [])
  if (taskPlan.steps.length === 0) return accept(back, { taskId: null, plan: taskPlan, evacuation: plan })
  const started = startTask(world, ctx, taskPlan, () => ({
    kind: 'host.exitMaintenance',
    params: { home, plan },
    vm: null,
    host: refOf(host),
    clusterId: host.clusterId,
    hostIds: [host.id],
    reason,
    begun: true,
  }))
  if (!started.ok) return started
  return accept([...back, ...started.change], { ...started.value, evacuation: plan })
}

/** One move of the way home: the next VM that may come, when there is room for it; what cannot come is left where it is. */
export function exitStep(scene: Scene<'host.exitMaintenance'>): Flow {
  const { world, task } = scene
  const host = world.tables.host.get(task.host!.id)
  if (!host) return removed(scene)
  const noted = reckon(scene, (vm) => vm.hostId === host.id)
  if (noted) return look(scene, noted)
  const open = openParts(world, task.id)
  const end = (state: 'failed' | 'cancelled', cause: string, remedy: string): Flow => {
    if (open.length > 0) return waitForParts(scene, { events: callOff(world, open, scene.ctx) })
    return { flow: 'finish', state, outcome: stoppedShort(scene, { state, cause, remedy }) }
  }
  if (task.state === 'cancelling') return end('cancelled', 'it was cancelled', 'Every VM runs where it is')
  if (host.state === 'fencing' || host.state === 'fenced')
    return end('failed', `${host.name} was lost meanwhile`, 'High availability takes over')
  if (host.mode !== 'normal')
    return end('failed', `${host.name} was taken out of service again`, 'Its VMs run where they are')
  if (host.state !== 'connected')
    return { flow: 'wait', waiting: { code: 'agent_back', host: refOf(host) }, untilAt: null }
  return nextHome(scene, host, open)
}

function nextHome(scene: Scene<'host.exitMaintenance'>, host: Host, open: readonly Task[]): Flow {
  const { world, task } = scene
  const memo = movesMemo(scene)
  const later: Vm[] = []
  for (const move of task.params.plan?.moves ?? []) {
    const vm = world.tables.vm.get(move.vm.id)
    if (!vm || vm.homeId !== host.id || vm.hostId === host.id || !isActive(vm) || move.blockers.length > 0)
      continue
    if (open.some(({ vmId }) => vmId === vm.id)) continue
    const tried = memo.failed?.[vm.id]
    if (tried && tried.times >= triesOfMove) continue
    if (!roomForParts(scene)) return waitForParts(scene)
    const way = wayTo(world, vm, host, false)
    if (!way.method) continue
    const begun = begin(scene, vm, { ...move, method: way.method }, () => host.id)
    if (begun.began) return begun.flow
    if (begun.later) later.push(vm)
  }
  if (open.length > 0) return waitForParts(scene)
  if (later.length === 0) return { flow: 'next' }
  const at = later.map(({ id }) => memo.failed?.[id]?.notBefore ?? 0).filter((when) => when > scene.now)
  const names = later.map(({ name }) => name)
  const of = names.length + (memo.moved ?? 0)
  const untilAt = at.length > 0 ? Math.min(...at) : null
  return { flow: 'wait', waiting: { code: 'parts', left: names.length, of, names }, untilAt }
}

function look(scene: Scene<'host.exitMaintenance'>, memo: MovesMemo): Flow {
  const flow = waitForParts({ ...scene, task: { ...scene.task, memo: { ...scene.task.memo, ...memo } } })
  return flow.flow === 'wait' ? { ...flow, untilAt: scene.now, memo: { ...memo } } : flow
}

export function exitOutcome(scene: Scene<'host.exitMaintenance'>): Ending {
  const host = hostOf(scene.world, scene.task.host!.id)
  const stayed = awayFrom(scene.world, host)
  if (stayed.length === 0) return ready(scene, 'normal')
  const memo = movesMemo(scene)
  const why = stayed.map(
    (vm) =>
      `${vm.name} stayed on ${hostOf(scene.world, vm.hostId).name}${because(memo.failed?.[vm.id]?.why)}`,
  )
  const remedy = `${host.name} is in service; migrate them when you like`
  return { state: 'failed', outcome: stoppedShort(scene, { state: 'failed', cause: why.join('; '), remedy }) }
}

function because(why: string | undefined): string {
  return why ? ` (${why.replace(/\.$/, '')})` : ''
}

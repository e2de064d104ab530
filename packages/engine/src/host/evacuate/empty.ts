import {
  type ChangeEvent,
  type EvacuationMove,
  type Host,
  isActive,
  type Outcome,
  refOf,
  sayRefusals,
  type TaskId,
  type Vm,
  type VmId,
  type World,
} from '@drover/model'
import type { Flow, Scene } from '../../task/flow'
import { callOff, openParts } from '../../task/parts'
import { hostOf, tasksOn, vmsOn } from '../../world/find'
import { begin, reckon, roomForParts, triesOfMove, waitForParts } from './carry'
import { type MovesMemo, movesMemo } from './memo'
import { movesOf } from './plan'

export type EmptyingScene = Scene<'host.evacuate'> | Scene<'host.shutdown'> | Scene<'host.sleep'>

/** How emptying a host ends when it does not come to its end. */
export interface StoppedShort {
  state: 'failed' | 'cancelled'
  cause: string
  remedy: string
}

/**
 * One move of emptying a host: takes note of what has ended, makes the next move of the plan that is possible now, and
 * plans the rest again where the world has become another. `stop` says how the task ends short; it is asked only
 * once no part is under way any more.
 */
export function emptyHost(scene: EmptyingScene, host: Host, stop: (short: StoppedShort) => Flow): Flow {
  const { world, task } = scene
  const any = scene as Scene<'host.evacuate'>
  const { partial = false, cold = false } = task.params as Partial<Scene<'host.evacuate'>['task']['params']>
  const open = openParts(world, task.id)
  const noted = reckon(any, (vm) => vm.hostId !== host.id || !isActive(vm))
  if (noted) return again(any, noted)
  const memo = movesMemo(any)
  if (host.state === 'fencing' || host.state === 'fenced') return lost(any, host, stop)
  if (task.state === 'cancelling') {
    const events = callOff(world, open, scene.ctx)
    if (open.length > 0) return waitForParts(any, { events })
    return stop({ state: 'cancelled', cause: 'it was cancelled', remedy: 'Every VM runs where it is' })
  }
  if (host.state !== 'connected')
    return { flow: 'wait', waiting: { code: 'agent_back', host: refOf(host) }, untilAt: null }

  const left = vmsOn(world, host.id).filter(isActive)
  if (left.length === 0) return open.length > 0 ? waitForParts(any) : reallyEmpty(any, host)
  const moves = memo.moves ?? task.params.plan?.moves ?? []
  const planned = new Map(moves.map((move) => [move.vm.id, move]))
  const stuck: { vm: Vm; why: string }[] = []
  for (const vm of inOrder(left, moves)) {
    if (open.some(({ vmId }) => vmId === vm.id)) continue
    if (!roomForParts(any)) return waitForParts(any)
    const move = planned.get(vm.id)
    const tried = memo.failed?.[vm.id]
    if (tried && tried.times >= triesOfMove && !partial) {
      stuck.push({ vm, why: tried.why })
      continue
    }
    // What a target has refused once is planned again, to somewhere else where there is somewhere else.
    const turned = tried && move?.target && tried.avoid.includes(move.target.id) && move.method !== 'stop'
    if (!move || move.method === 'leave') {
      stuck.push({ vm, why: `${vm.name} came to be there` })
      continue
    }
    if (move.blockers.length > 0) {
      stuck.push({ vm, why: sayRefusals(move.blockers) })
      continue
    }
    // What saves power is no reason to come back.
    const begun = begin(any, vm, move, (one) => (onlyLive(any) ? one.homeId : (one.homeId ?? host.id)))
    if (begun.began) return begun.flow
    if (begun.later && !turned) continue
    stuck.push({ vm, why: begun.later ? (tried?.why ?? '') : begun.why })
  }
  if (stuck.length > 0) {
    const anew = planAgain(any, host, moves, stuck, cold)
    if (anew) return anew
  }
  if (open.length > 0) return waitForParts(any)
  return restFor(any, host, left, stuck, partial, stop)
}

/** A host that is to sleep is emptied without anybody's noticing, or not at all. */
function onlyLive({ task }: { task: { kind: string } }): boolean {
  return task.kind === 'host.sleep'
}

/** The order of the plan; what it does not know of comes last. */
function inOrder(vms: Vm[], moves: readonly EvacuationMove[]): Vm[] {
  const at = new Map(moves.map(({ vm }, i) => [vm.id, i]))
  return vms.sort((a, b) => (at.get(a.id) ?? moves.length) - (at.get(b.id) ?? moves.length))
}

/** Writes down what has ended, and looks again. */
function again(scene: Scene<'host.evacuate'>, memo: MovesMemo): Flow {
  const left = { ...scene.task.memo, ...memo }
  const flow = waitForParts({ ...scene, task: { ...scene.task, memo: left } })
  return flow.flow === 'wait' ? { ...flow, untilAt: scene.now, memo: { ...memo } } : flow
}

/**
 * Plans for what cannot be done as approved. Null when that comes to nothing new. What changed, and what will be done
 * instead, is an event of its own: what runs is what was approved, or it is said.
 */
function planAgain(
  scene: Scene<'host.evacuate'>,
  host: Host,
  moves: readonly EvacuationMove[],
  stuck: readonly { vm: Vm; why: string }[],
  cold: boolean,
): Flow | null {
  const memo = movesMemo(scene)
  const avoid = new Map(Object.entries(memo.failed ?? {}).map(([id, { avoid }]) => [id as VmId, avoid]))
  const wanted = new Map(
    moves.flatMap(({ vm, target }) =>
      target && !stuck.some((one) => one.vm.id === vm.id) ? [[vm.id, target.id] as const] : [],
    ),
  )
  const anew = new Map(
    movesOf(scene.world, host, { cold, avoid, wanted, onlyLive: onlyLive(scene) }).map((move) => [
      move.vm.id,
      move,
    ]),
  )
  const what: string[] = []
  const changed = new Map<VmId, EvacuationMove>()
  for (const { vm, why } of stuck) {
    const move = anew.get(vm.id)
    const was = moves.find((one) => one.vm.id === vm.id)
    if (!move || sameMove(move, was)) continue
    changed.set(vm.id, move)
    const reason = trimmed(memo.failed?.[vm.id]?.why ?? why)
    if (move.blockers.length > 0) what.push(`${vm.name} can go nowhere (${reason})`)
    else if (move.target) what.push(`${vm.name} goes to ${move.target.name} (${reason})`)
    else what.push(`${vm.name} is shut down (${reason})`)
  }
  if (changed.size === 0) return null
  const kept = moves.map((move) => changed.get(move.vm.id) ?? move)
  const added = [...changed.values()].filter(({ vm }) => !moves.some((move) => move.vm.id === vm.id))
  const event: ChangeEvent = {
    body: { kind: 'host.replanned', host: refOf(host), what },
    initiator: { kind: 'drover' },
    taskId: scene.task.id as TaskId,
    rows: [],
  }
  const waiting = scene.task.waiting
  return { flow: 'wait', waiting, untilAt: scene.now, events: [event], memo: { moves: [...kept, ...added] } }
}

function sameMove(a: EvacuationMove, b: EvacuationMove | undefined): boolean {
  if (!b) return false
  if (a.blockers.length > 0) return b.blockers.length > 0
  return b.blockers.length === 0 && a.target?.id === b.target?.id && a.method === b.method
}

/** Nothing can be begun now, and nothing is under way: for how long? */
function restFor(
  scene: Scene<'host.evacuate'>,
  host: Host,
  left: readonly Vm[],
  stuck: readonly { vm: Vm; why: string }[],
  partial: boolean,
  stop: (short: StoppedShort) => Flow,
): Flow {
  const memo = movesMemo(scene)
  const hopeless = stuck.filter(
    ({ vm }) => !(memo.failed?.[vm.id] && memo.failed[vm.id]!.times < triesOfMove),
  )
  const others = left.filter((vm) => !hopeless.some((one) => one.vm.id === vm.id))
  const why = hopeless.map(({ vm, why }) => `${vm.name}: ${trimmed(why)}`).join('; ')
  if (hopeless.length > 0 && others.length === 0 && !partial)
    return stop({
      state: 'failed',
      cause: why,
      remedy: 'Make room or change what forbids it, then evacuate again',
    })
  const next = left.map((vm) => memo.failed?.[vm.id]?.notBefore ?? 0).filter((at) => at > scene.now)
  const untilAt = next.length > 0 ? Math.min(...next) : null
  if (hopeless.length > 0) {
    const remedy = 'It goes on by itself when that changes; or cancel it'
    const waiting = { code: 'attention', what: `${host.name} is not empty: ${why}`, remedy } as const
    return { flow: 'wait', waiting, untilAt }
  }
  const waiting = {
    code: 'parts',
    left: left.length,
    of: left.length + (memo.moved ?? 0),
    names: left.map(({ name }) => name),
  } as const
  return { flow: 'wait', waiting, untilAt }
}

/** No row says that anything is active there; now its agent and the open tasks have to say so too. */
function reallyEmpty(scene: Scene<'host.evacuate'>, host: Host): Flow {
  const { world, task } = scene
  const live = world.live.get(host.id)
  const running = [...(live?.seen ?? [])].filter(([, { state }]) => state !== 'off' && state !== 'crashed')
  const coming = tasksOn(world, host.id).filter((other) => other.id !== task.id && other.vmId !== null)
  if (live?.reportedAt == null)
    return { flow: 'wait', waiting: { code: 'agent_back', host: refOf(host) }, untilAt: null }
  if (coming.length > 0) {
    const names = coming.map(({ vmName }) => vmName)
    return {
      flow: 'wait',
      waiting: { code: 'parts', left: coming.length, of: coming.length, names },
      untilAt: null,
    }
  }
  if (running.length > 0) {
    const names = running.map(
      ([uuid]) =>
        world.tables.vm.get(world.index.vmByUuid.get(uuid) ?? '')?.name ??
        host.leftovers?.find((left) => left.uuid === uuid)?.name ??
        uuid,
    )
    const what = `The agent of ${host.name} still sees ${names.join(', ')} there`
    const waiting = { code: 'attention', what, remedy: 'It goes on by itself when they are gone' } as const
    return { flow: 'wait', waiting, untilAt: null }
  }
  return { flow: 'next' }
}

/** It died while it was being emptied: from there on it is a failure, and HA brings its VMs back. */
function lost(scene: Scene<'host.evacuate'>, host: Host, stop: (short: StoppedShort) => Flow): Flow {
  const short = stop({
    state: 'failed',
    cause: `${host.name} was lost meanwhile`,
    remedy: 'High availability takes over: its VMs are restarted elsewhere',
  })
  const events = callOff(
    scene.world,
    openParts(scene.world, scene.task.id).filter(({ state }) => state === 'queued'),
    scene.ctx,
  )
  return { ...short, events: [...events, ...(short.events ?? [])] }
}

/** How a task about a host says that it stopped short. */
export function stoppedShort(
  scene: EmptyingScene | Scene<'host.exitMaintenance'>,
  short: StoppedShort,
): Outcome {
  const { cause, remedy } = short
  const moved = movesMemo(scene as Scene<'host.evacuate'>).moved ?? 0
  return { code: 'host_stopped_short', host: scene.task.host!, cause, remedy, moved }
}

export function emptiedHost(world: World, scene: EmptyingScene): Host {
  return hostOf(world, scene.task.host!.id)
}

function trimmed(text: string): string {
  return text.replace(/\.$/, '')
}

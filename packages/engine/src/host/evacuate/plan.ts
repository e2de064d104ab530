import {
  type EvacuationMove,
  type EvacuationPlan,
  type Host,
  type HostId,
  isActive,
  type Refusal,
  refOf,
  sayRefusals,
  type Task,
  type Vm,
  type VmId,
  type World,
} from '@drover/model'
import { hostOf, hostRef, taskOf, vmsOn } from '../../world/find'
import { approvedMoves, changedSince, fingerprintOf } from './fingerprint'
import { situationOf } from './situation'
import { type Chosen, chooseTargets } from './targets'

export interface EvacuateOptions {
  /** VMs that run and cannot go live are shut down, moved and started again; else they are in the way. */
  cold?: boolean
  /** Nothing is shut down, and no disk is copied: a VM that would need that is in the way. */
  onlyLive?: boolean
  avoid?: ReadonlyMap<VmId, readonly HostId[]>
  wanted?: ReadonlyMap<VmId, HostId>
}

/** How long a guest that is shut down takes, when nothing is known of it. */
const expectedShutdownMs = 20_000

/**
 * How `host` would be emptied: for each VM its target and method, or every reason why it can go nowhere. The moves are in
 * the order in which they begin; each fits when it begins, whatever is under way beside it.
 */
export function planEvacuation(
  world: World,
  hostId: string,
  _now: number,
  options: EvacuateOptions = {},
): EvacuationPlan {
  const host = hostOf(world, hostId as HostId)
  return finished(world, host, movesOf(world, host, options), maySituation(world, host))
}

/**
 * The plan that was approved, if the world is still the one it was made for: its moves, each checked anew. Else why not.
 */
export function approvedPlan(
  world: World,
  host: Host,
  fingerprint: string,
  options: EvacuateOptions,
): { ok: true; plan: EvacuationPlan } | { ok: false; refusals: Refusal[] } {
  const what = changedSince(world, host, fingerprint)
  const approved = approvedMoves(fingerprint)
  const wanted = new Map(
    [...approved].flatMap(([id, { targetId }]) => (targetId ? [[id, targetId] as const] : [])),
  )
  const cold = options.cold || [...approved.values()].some(({ method }) => method === 'cold')
  const moves = movesOf(world, host, { ...options, cold, wanted })
  for (const { vm, target, method } of moves) {
    const was = approved.get(vm.id)
    if (was && was.targetId === (target?.id ?? null) && was.method === method) continue
    const place = target ? `to ${target.name}` : 'nowhere'
    if (was && what.length === 0) what.push(`${vm.name} would go ${place} (${method}) now`)
  }
  if (what.length > 0) return { ok: false, refusals: [{ code: 'plan_changed', host: refOf(host), what }] }
  return { ok: true, plan: finished(world, host, moves, maySituation(world, host)) }
}

/** What becomes of each VM of the host, as things are now. */
export function movesOf(world: World, host: Host, options: EvacuateOptions = {}): EvacuationMove[] {
  const { cold = false, avoid, wanted, onlyLive = false } = options
  const vms = vmsOn(world, host.id)
  const leaving = vms.filter(
    (vm) => isActive(vm) && (onlyLive || vm.ha.evacuate !== 'stop') && !onItsWay(world, vm),
  )
  const chosen = chooseTargets(world, host, leaving, {
    cold,
    ...(avoid && { avoid }),
    ...(wanted && { wanted }),
  })
  const moves = vms.map((vm) => moveOf(world, vm, chosen.get(vm.id)))
  if (onlyLive) for (const move of moves) move.blockers.push(...againstLive(world, host, move))
  // The long ones first: what is begun last should not be what ends last.
  return moves.sort((a, b) => weight(b) - weight(a) || (a.vm.name < b.vm.name ? -1 : 1))
}

/** What moving it live, with its disks where they are, has against it. */
function againstLive(world: World, host: Host, { vm: { id }, method, blockers }: EvacuationMove): Refusal[] {
  const vm = world.tables.vm.get(id)
  if (!vm || !isActive(vm) || blockers.length > 0) return []
  const bound = (why: string): Refusal[] => [{ code: 'vm_bound', vm: refOf(vm), host: refOf(host), why }]
  if (vm.ha.evacuate === 'stop') return bound('is to be shut down rather than moved')
  if (method === 'live-with-disks') return bound('has disks that would have to be copied')
  return method === 'cold' || method === 'stop' ? bound('cannot go live') : []
}

function weight({ method, expectedMs }: EvacuationMove): number {
  return method === 'leave' ? -1 : (expectedMs ?? 0)
}

/** A migration that somebody began before: it takes the VM away as well. */
function onItsWay(world: World, vm: Vm): Task<'vm.migrate'> | null {
  const task = taskOf(world, vm.id)
  return task?.kind === 'vm.migrate' && task.state !== 'cancelling' ? (task as Task<'vm.migrate'>) : null
}

function moveOf(world: World, vm: Vm, chosen: Chosen | undefined): EvacuationMove {
  const self = { vm: refOf(vm), target: null, expectedMs: null, bytes: 0, note: null, blockers: [] }
  if (!isActive(vm)) return { ...self, method: 'leave', note: 'It is off and stays defined here.' }
  const under = onItsWay(world, vm)
  if (under) {
    const { targetId, method } = under.params
    const note = 'Its migration is under way already.'
    return { ...self, method, target: hostRef(world, targetId), note }
  }
  if (!chosen) {
    const note = 'It is shut down, and started again when its host is back.'
    return { ...self, method: 'stop', expectedMs: expectedShutdownMs, note }
  }
  if (!chosen.ok) {
    const note = chosen.coldWould ? 'It could be moved cold: shut down, moved and started again.' : null
    return { ...self, method: 'live', note, blockers: chosen.refusals }
  }
  const { target, way, why } = chosen
  const note =
    way.method === 'cold'
      ? `It cannot go live: it is shut down, moved and started again. ${sayRefusals(way.refusals)}`.trim()
      : // A host's name is written as it is.
        /^(it|the) /.test(why)
        ? `${why[0]!.toUpperCase()}${why.slice(1)}.`
        : `${why}.`
  const { expectedMs, bytes } = way
  return { ...self, method: way.method!, target: refOf(target), expectedMs, bytes, note }
}

function maySituation(world: World, host: Host): Refusal[] {
  return situationOf(world, host, 'evacuate')
}

/** A plan made of moves. */
export function finished(
  world: World,
  host: Host,
  moves: EvacuationMove[],
  refusals: Refusal[],
): EvacuationPlan {
  const complete = refusals.length === 0 && moves.every(({ blockers }) => blockers.length === 0)
  return {
    host: refOf(host),
    moves,
    refusals,
    complete,
    expectedMs: complete ? durationOf(world, host, moves) : null,
    bytes: moves.reduce((sum, { bytes }) => sum + bytes, 0),
    fingerprint: fingerprintOf(world, host, moves),
  }
}

/** As many at once as the host's limit allows, each beginning when one ends. */
function durationOf(world: World, host: Host, moves: readonly EvacuationMove[]): number {
  const width = Math.max(1, world.tables.cluster.get(host.clusterId)?.migrationLimits.perHost ?? 1)
  const lanes = new Array<number>(width).fill(0)
  for (const { expectedMs } of moves) {
    const first = lanes.indexOf(Math.min(...lanes))
    lanes[first] = lanes[first]! + (expectedMs ?? 0)
  }
  return Math.max(...lanes)
}

import { Layout, type Reason } from '../model/layout'
import type { Model } from '../model/model'
import { type Unit, unitOf, unitsOf } from '../model/unit'
import { bestHost, greedy } from './greedy'
import { defaultObjective, type Objective } from './objective'
import { Repair } from './repair'
import { compare, search } from './search'

export interface PlaceOptions {
  objective?: Objective
  /** Hosts that run nothing any more. */
  down?: ReadonlySet<number>
  /** VMs that run and may be moved to make room. None where left out: what runs stays where it is. */
  mayMove?: readonly number[]
  /** Looks at a host for a VM beyond the first for each, at most: what bounds the time. */
  looks?: number
  /** Asked now and then: false ends the search for a better way; what fits as things are is placed all the same. */
  mayGoOn?: () => boolean
}

export interface Placed {
  /** By VM that was to be placed: its host; -1: none. */
  hosts: ReadonlyMap<number, number>
  /** Running VMs that have to move first to make room. In this order. */
  moves: { vm: number; from: number; to: number }[]
  /** For each VM without a place: every host with every reason. */
  unplaced: { vm: number; hosts: { host: number; reasons: Reason[] }[] }[]
  /** What has no place is certain to have none beside the rest; else the budget ran out. */
  exhaustive: boolean
  layout: Layout
}

const defaultLooks = 200_000
const always = () => true
/** Beyond this many of them, a search of all placements is not begun. */
const searchable = 64

/**
 * Finds a host for each of these VMs, all at once. Strict rules and hard resources always hold; wishes and an even load
 * are weighed. Where not all fit, the first ranks come first, and the large within them. Nothing that runs is
 * moved, unless it is in `mayMove` and there is no other way.
 */
export function place(model: Model, vms: readonly number[], options: PlaceOptions = {}): Placed {
  const { objective = defaultObjective, down, looks = defaultLooks, mayMove = [] } = options
  const { mayGoOn = always } = options
  const layout = new Layout(model, down)
  const units = unitsOf(model, vms)
  // What fits nowhere even alone is helped by no arrangement of the others.
  const hopeful = units.filter((unit) => fitsSomewhere(layout, unit))
  const left = ranked(layout, objective, hopeful, looks, mayGoOn)
  const small = hopeful.length <= searchable
  const exhaustive = left.length === 0 || (small && searchAll(layout, objective, hopeful, looks, mayGoOn))
  const waiting = units.filter((unit) => layout.hostOf(unit) === -1)
  const moves = mayMove.length > 0 ? makeRoom(layout, objective, waiting, mayMove, looks, mayGoOn) : []
  polish(layout, objective, units, mayGoOn)
  const hosts = new Map(units.flatMap((unit) => unit.vms.map((vm) => [vm, layout.at[vm]!] as const)))
  const unplaced = units.flatMap((unit) =>
    layout.hostOf(unit) === -1 ? unit.vms.map((vm) => ({ vm, hosts: reasonsOf(layout, unit) })) : [],
  )
  return { hosts, moves, unplaced, exhaustive, layout }
}

/** Rank by rank: each where it costs least, then chains of moves among them for what found no place. */
function ranked(
  layout: Layout,
  objective: Objective,
  units: readonly Unit[],
  looks: number,
  mayGoOn: () => boolean,
): Unit[] {
  const left: Unit[] = []
  let repair: Repair | null = null
  for (let from = 0; from < units.length; ) {
    const { rank } = units[from]!
    let to = from
    while (to < units.length && units[to]!.rank === rank) to += 1
    const without = greedy(layout, objective, units.slice(from, to))
    if (without.length > 0) {
      repair = new Repair(
        layout,
        objective,
        units.slice(0, to).filter((unit) => layout.hostOf(unit) >= 0),
        repair ? repair.looksLeft : looks,
        mayGoOn,
      )
      for (const unit of without) if (!repair.place(unit)) left.push(unit)
    }
    from = to
  }
  return left
}

/** All placements of a few units: finds the way where there is one. True when it is certain. */
function searchAll(
  layout: Layout,
  objective: Objective,
  units: readonly Unit[],
  looks: number,
  mayGoOn: () => boolean,
): boolean {
  const was = units.map((unit) => layout.hostOf(unit))
  for (const unit of units) if (layout.hostOf(unit) >= 0) layout.take(unit)
  const found = search(layout, units, { objective, looks, goal: 'most', mayGoOn })
  const ranks = [...new Set(units.map(({ rank }) => rank))].sort((a, b) => a - b)
  /** By rank: how many have no place. */
  const missing = (hosts: ArrayLike<number>) =>
    ranks.map((rank) =>
      units.reduce((sum, unit, i) => sum + (unit.rank === rank && hosts[i]! === -1 ? unit.vms.length : 0), 0),
    )
  const better = found.hosts && compare(missing(found.hosts), missing(was)) < 0
  const hosts = better ? found.hosts! : was
  for (const [i, unit] of units.entries()) if (hosts[i]! >= 0) layout.put(unit, hosts[i]!)
  return found.exhaustive
}

function fitsSomewhere(layout: Layout, unit: Unit): boolean {
  for (let host = 0; host < layout.accepts.length; host += 1) if (layout.fits(unit, host)) return true
  return false
}

/** Moves what runs and may be moved, for units that have no place. */
function makeRoom(
  layout: Layout,
  objective: Objective,
  left: readonly Unit[],
  mayMove: readonly number[],
  looks: number,
  mayGoOn: () => boolean,
): Placed['moves'] {
  const movable = mayMove.filter((vm) => layout.at[vm]! >= 0 && layout.model.groupOf[vm] === -1)
  const units = new Map(movable.map((vm) => [vm, unitOf(layout.model, [vm])]))
  const before = new Map(movable.map((vm) => [vm, layout.at[vm]!]))
  const repair = new Repair(layout, objective, units.values(), looks, mayGoOn)
  const moves: Placed['moves'] = []
  for (const unit of left) {
    if (!repair.place(unit, 1)) continue
    repair.keep(unit)
    for (const [vm, from] of before) {
      const to = layout.at[vm]!
      if (to === from) continue
      moves.push({ vm, from, to })
      // Moved once is enough: so what moves later can rely on it, and the moves are feasible in this order.
      before.delete(vm)
      repair.keep(units.get(vm)!)
    }
  }
  return moves
}

/** Moves single units of a small lot to better hosts while that helps. */
function polish(layout: Layout, objective: Objective, units: readonly Unit[], mayGoOn: () => boolean): void {
  if (units.length > 256 || units.length * layout.accepts.length > 20_000) return
  for (let round = 0; round < 4; round += 1) {
    let moved = false
    for (const unit of units) {
      const from = layout.hostOf(unit)
      if (from === -1) continue
      if (!mayGoOn()) return
      layout.take(unit)
      const host = bestHost(layout, objective, unit)
      layout.put(unit, host === -1 ? from : host)
      moved ||= host !== -1 && host !== from
    }
    if (!moved) return
  }
}

function reasonsOf(layout: Layout, unit: Unit): { host: number; reasons: Reason[] }[] {
  return [...layout.accepts.keys()].map((host) => ({ host, reasons: layout.whyNot(unit, host) }))
}

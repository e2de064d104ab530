import type { Model } from './model'

/** What is placed as one: a VM, or those of a strict `together` group that have to be placed. */
export interface Unit {
  vms: readonly number[]
  /** By resource. */
  size: readonly number[]
  rank: number
  /** Null: all hosts. */
  allowed: Uint8Array | null
  /** What wishes cost on each host; null: nothing anywhere. */
  hostCost: Float64Array | null
  /** The sets its VMs are in, with how many of them. */
  sets: readonly { set: number; count: number }[]
  /** Of these, the ones whose members must be apart, */
  apart: readonly number[]
  /** and the ones that should hold. */
  wishes: readonly { set: number; count: number }[]
  /** A strict `apart` rule that two of its own VMs are in: it fits nowhere. -1: none. */
  torn: number
  group: number
  /** By lean host: how many of its VMs. */
  leans: ReadonlyMap<number, number>
}

/** The VMs as units, in the order in which they are placed: first rank first, the largest first within it. */
export function unitsOf(model: Model, vms: readonly number[]): Unit[] {
  const byGroup = new Map<number, number[]>()
  const units: Unit[] = []
  for (const vm of vms) {
    const group = model.groupOf[vm]!
    if (group === -1) units.push(unitOf(model, [vm]))
    else byGroup.set(group, [...(byGroup.get(group) ?? []), vm])
  }
  for (const members of byGroup.values()) units.push(unitOf(model, members))
  const totals = model.resources.map((_, r) =>
    model.hosts.reduce((sum, { capacity }) => sum + capacity[r]!, 0),
  )
  const bulk = new Map(
    units.map((unit) => [
      unit,
      model.resources.reduce((sum, _, r) => sum + unit.size[r]! / (totals[r]! || 1), 0),
    ]),
  )
  const hard = model.resources.findIndex((resource) => resource.hard)
  return units.sort(
    (a, b) =>
      a.rank - b.rank ||
      (hard >= 0 ? b.size[hard]! - a.size[hard]! : 0) ||
      bulk.get(b)! - bulk.get(a)! ||
      a.vms[0]! - b.vms[0]!,
  )
}

export function unitOf(model: Model, vms: readonly number[]): Unit {
  const [first] = vms
  return vms.length === 1 && model.setsOf[first!]!.length === 0
    ? unboundUnit(model, vms, first!)
    : boundUnit(model, vms)
}

/** Most VMs are alone and in no set, and there are many of them. */
function unboundUnit(model: Model, vms: readonly number[], vm: number): Unit {
  const { size, rank, lean = -1 } = model.vms[vm]!
  return {
    vms,
    size,
    rank,
    allowed: model.allowed[vm]!,
    hostCost: model.hostCost[vm]!,
    sets: none,
    apart: none,
    wishes: none,
    torn: -1,
    group: model.groupOf[vm]!,
    leans: lean < 0 ? nowhere : new Map([[lean, 1]]),
  }
}

const none: readonly never[] = []
const nowhere: ReadonlyMap<number, number> = new Map()

function boundUnit(model: Model, vms: readonly number[]): Unit {
  const size = model.resources.map(() => 0)
  const counts = new Map<number, number>()
  const leans = new Map<number, number>()
  let rank = Number.POSITIVE_INFINITY
  for (const vm of vms) {
    const row = model.vms[vm]!
    for (let r = 0; r < size.length; r += 1) size[r]! += row.size[r]!
    rank = Math.min(rank, row.rank)
    for (const set of model.setsOf[vm]!) counts.set(set, (counts.get(set) ?? 0) + 1)
    if (row.lean !== undefined && row.lean >= 0) leans.set(row.lean, (leans.get(row.lean) ?? 0) + 1)
  }
  const allowed = merged(model.allowed, vms, (a, b) => a.map((open, host) => (open && b[host] ? 1 : 0)))
  const hostCost = merged(model.hostCost, vms, (a, b) => a.map((price, host) => price + b[host]!))
  const sets = [...counts].map(([set, count]) => ({ set, count }))
  const own = sets.find(({ set, count }) => count > 1 && strictlyApart(model, set))
  const torn = own ? model.sets[own.set]!.rule : -1
  const apart = sets.flatMap(({ set }) => (strictlyApart(model, set) ? [set] : []))
  const wishes = sets.filter(({ set }) => !model.sets[set]!.strict)
  const group = model.groupOf[vms[0]!]!
  return { vms, size, rank, allowed, hostCost, sets, apart, wishes, torn, group, leans }
}

/** What the VMs say together of each host; null: nothing. Where only one of them says anything, its own array. */
function merged<T>(all: readonly (T | null)[], vms: readonly number[], both: (a: T, b: T) => T): T | null {
  return vms.reduce<T | null>((sum, vm) => {
    const own = all[vm]!
    return sum && own ? both(sum, own) : (own ?? sum)
  }, null)
}

function strictlyApart(model: Model, set: number): boolean {
  const { strict, relation } = model.sets[set]!
  return strict && relation === 'apart'
}

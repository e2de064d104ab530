import type { Layout } from '../model/layout'
import type { Unit } from '../model/unit'

/** What a place is judged by: weights, as data. Strict rules and hard resources are not weighed; they hold. */
export interface Objective {
  /** For each VM that is not on the host it leans to. */
  lean: number
  /** For rules that should hold: wishes for hosts, together, apart. */
  wish: number
  /**
   * For uneven load: the mean over resources of squared utilisation, summed over hosts, each counting as large as it is. That
   * is least where all are utilised alike; were all counted the same, the large ones would be filled first.
   */
  load: number
  /** For each VM that is there already; decides between hosts that are alike. */
  crowd: number
}

/** Wishes before load, load before numbers. */
export const defaultObjective: Objective = { lean: 1e6, wish: 1e3, load: 1, crowd: 1e-7 }

/** What it costs to put a unit (that is nowhere) on a host. */
export function costOf(layout: Layout, objective: Objective, unit: Unit, host: number): number {
  return wishCost(layout, objective, unit, host) + loadCost(layout, objective, unit, host)
}

/** Load and numbers only: grows with what is on the host, and with nothing else. */
export function loadCost(layout: Layout, { load, crowd }: Objective, unit: Unit, host: number): number {
  const { resources } = layout.model
  const base = host * layout.resources
  let sum = 0
  for (let r = 0; r < layout.resources; r += 1) {
    const capacity = layout.capacity[base + r]!
    const size = unit.size[r]!
    if (capacity > 0 && size > 0)
      sum +=
        (resources[r]!.weight * size * (2 * layout.used[base + r]! + size)) / (capacity * layout.mean[r]!)
  }
  return load * sum + crowd * layout.count[host]!
}

/** Wishes: leaning, preferred hosts, soft rules between VMs. */
export function wishCost(layout: Layout, objective: Objective, unit: Unit, host: number): number {
  let wish = unit.hostCost ? unit.hostCost[host]! : 0
  for (const { set, count } of unit.wishes) {
    const { relation, members } = layout.model.sets[set]!
    const there = layout.setAt[set]!.get(host) ?? 0
    wish +=
      relation === 'apart' ? there * count : ((layout.setPlaced[set]! - there) * count) / (members.length - 1)
  }
  const lean = unit.leans.size > 0 ? unit.vms.length - (unit.leans.get(host) ?? 0) : 0
  return objective.wish * wish + objective.lean * lean
}

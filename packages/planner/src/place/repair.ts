import type { Layout } from '../model/layout'
import type { Unit } from '../model/unit'
import { bestHost } from './greedy'
import { costOf, type Objective } from './objective'

/**
 * Makes room for what found no place, by moving others of those that may be moved to another host: chains of a few, each
 * link only where strict rules and hard resources hold. What was placed stays placed.
 */
export class Repair {
  readonly #on = new Map<number, Set<Unit>>()
  readonly #journal: { unit: Unit; from: number }[] = []
  /** What found no place as things are: nothing that asks for no less needs to be tried. */
  readonly #failed: Unit[] = []
  #looks: number

  /** `movable`: units that are somewhere and may be moved. */
  constructor(
    private readonly layout: Layout,
    private readonly objective: Objective,
    movable: Iterable<Unit>,
    looks: number,
    private readonly mayGoOn: () => boolean = () => true,
  ) {
    this.#looks = looks
    for (const unit of movable) this.#listed(layout.hostOf(unit)).add(unit)
  }

  get looksLeft(): number {
    return this.#looks
  }

  /** Finds the unit a place; false, and nothing is changed, when none was found within the budget. */
  place(unit: Unit, depth = 3): boolean {
    if (this.#looks <= 0 || this.#failed.some((one) => isNoEasier(unit, one))) return false
    this.#journal.length = 0
    if (this.#place(unit, depth, new Set([unit]))) {
      this.#failed.length = 0
      return true
    }
    this.#undo(0)
    this.#failed.push(unit)
    return false
  }

  /** From now on this one stays where it is. */
  keep(unit: Unit): void {
    this.#listed(this.layout.hostOf(unit)).delete(unit)
  }

  #listed(host: number): Set<Unit> {
    const units = this.#on.get(host) ?? new Set()
    this.#on.set(host, units)
    return units
  }

  #place(unit: Unit, depth: number, locked: Set<Unit>): boolean {
    const { layout } = this
    this.#looks = this.mayGoOn() ? this.#looks - layout.accepts.length : 0
    const best = bestHost(layout, this.objective, unit)
    if (best >= 0) {
      this.#put(unit, best)
      return true
    }
    if (depth === 0 || this.#looks <= 0) return false
    const open = this.#open(unit)
    for (const { host } of open)
      for (const out of this.#ways(unit, host, locked)) {
        if (this.#looks <= 0) return false
        const mark = this.#journal.length
        for (const one of out) this.#take(one)
        if (layout.fits(unit, host)) {
          this.#put(unit, host)
          for (const one of out) locked.add(one)
          const done = out.every((one) => this.#place(one, depth - 1, locked))
          for (const one of out) locked.delete(one)
          if (done) return true
        }
        this.#undo(mark)
      }
    return false
  }

  /** Hosts that eligibility leaves, the cheapest first. */
  #open(unit: Unit): { host: number; cost: number }[] {
    const { layout, objective } = this
    const open: { host: number; cost: number }[] = []
    for (let host = 0; host < layout.accepts.length; host += 1)
      if (layout.accepts[host] && (!unit.allowed || unit.allowed[host]))
        open.push({ host, cost: costOf(layout, objective, unit, host) })
    return open.sort((a, b) => a.cost - b.cost || a.host - b.host)
  }

  /** Ways to make room on a host: units that would have to leave it, the least trouble first. */
  #ways(unit: Unit, host: number, locked: ReadonlySet<Unit>): Unit[][] {
    const { layout } = this
    const { model } = layout
    const here = [...(this.#on.get(host) ?? [])].filter((one) => !locked.has(one))
    const enemies = here.filter((one) => unit.apart.some((set) => one.apart.includes(set)))
    const short = model.resources
      .map((resource, r) => (resource.hard ? unit.size[r]! - layout.free(host, r) : 0))
      .map((lack, r) => lack + enemies.reduce((sum, one) => sum - one.size[r]!, 0))
    const lacking = short.findIndex((lack) => lack > 0)
    if (lacking === -1) return enemies.length > 0 ? [enemies] : []
    const others = here
      .filter((one) => !enemies.includes(one) && one.size[lacking]! > 0)
      .sort((a, b) => a.size[lacking]! - b.size[lacking]! || a.vms[0]! - b.vms[0]!)
    const ways: Unit[][] = []
    for (const one of others)
      if (one.size[lacking]! >= short[lacking]! && ways.length < 3) ways.push([...enemies, one])
    // Several small ones where no single one is enough, or is too large to go anywhere else.
    const several: Unit[] = []
    let lack = short[lacking]!
    for (const one of [...others].reverse()) {
      if (lack <= 0 || several.length === 4) break
      if (one.size[lacking]! >= short[lacking]!) continue
      several.push(one)
      lack -= one.size[lacking]!
    }
    if (lack <= 0 && several.length > 0) ways.push([...enemies, ...several])
    return ways
  }

  #put(unit: Unit, host: number): void {
    this.layout.put(unit, host)
    this.#listed(host).add(unit)
    this.#journal.push({ unit, from: -1 })
  }

  #take(unit: Unit): void {
    const from = this.layout.hostOf(unit)
    this.layout.take(unit)
    this.#listed(from).delete(unit)
    this.#journal.push({ unit, from })
  }

  #undo(mark: number): void {
    while (this.#journal.length > mark) {
      const { unit, from } = this.#journal.pop()!
      if (from === -1) {
        this.#listed(this.layout.hostOf(unit)).delete(unit)
        this.layout.take(unit)
      } else {
        this.layout.put(unit, from)
        this.#listed(from).add(unit)
      }
    }
  }
}

/** Whether a unit asks for at least what another, free one does. */
function isNoEasier(unit: Unit, other: Unit): boolean {
  const free = other.sets.length === 0 && other.group === -1
  return free && unit.allowed === other.allowed && other.size.every((size, r) => unit.size[r]! >= size)
}

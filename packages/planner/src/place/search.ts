import type { Layout } from '../model/layout'
import type { Unit } from '../model/unit'
import { costOf, type Objective } from './objective'

export interface SearchOptions {
  objective: Objective
  /** Looks at a host for a unit, at most: what bounds the time. */
  looks: number
  /** `all`: every unit or nothing. `most`: as many as possible, by rank. */
  goal: 'all' | 'most'
  /** What a finished placement costs, compared in order of its parts; among as many placed, the least wins. */
  leaf?: (layout: Layout) => number[]
  /** What counts before the number placed: the least wins. */
  first?: (layout: Layout) => number
  /** A leaf that costs no more than this ends the search. */
  ideal?: readonly number[]
  /** Asked at every step: false ends the search as a budget that is used up does. */
  mayGoOn?: () => boolean
}

export interface Found {
  /** By unit, in the order given: its host; -1: none. Null when there is no placement (or none was found). */
  hosts: Int32Array | null
  /** Nothing was left untried: what was found is the best, and nothing found means that there is nothing. */
  exhaustive: boolean
  looks: number
}

/**
 * Tries placements in order of promise until the best is certain or the budget is used up. Alike units are tried in one
 * order only, and of hosts that are alike at a moment only one: what differs in names alone is looked at once.
 * The layout is left as it was.
 */
export function search(layout: Layout, units: readonly Unit[], options: SearchOptions): Found {
  return new Search(layout, units, options).run()
}

class Search {
  readonly #order: { unit: Unit; index: number; kind: number }[]
  readonly #hosts: number[]
  /** What tells hosts apart that never changes: capacity and who may be there. */
  readonly #fixed: string[]
  readonly #sets: number[]
  readonly #groups: number[]
  readonly #hard: number[]
  readonly #ranks: number[]
  /** By position in the order: hard resources that this unit and those after it need. */
  readonly #rest: Float64Array[]
  readonly #smallest: Float64Array[]
  readonly #now: Int32Array
  #best: Int32Array | null = null
  #bestCounts: number[] = []
  #price: number[] = []
  #looks = 0
  #stopped = false
  #done = false

  constructor(
    private readonly layout: Layout,
    units: readonly Unit[],
    private readonly options: SearchOptions,
  ) {
    const { model } = layout
    const kinds = new Map<string, number>()
    const masks = new Map<unknown, number>()
    const mask = (key: unknown) => {
      if (!masks.has(key)) masks.set(key, masks.size)
      return masks.get(key)!
    }
    const kindOf = (unit: Unit) => {
      const rules = [unit.group, unit.torn, ...unit.sets.map(({ set, count }) => `${set}x${count}`)]
      const leans = [...unit.leans].map(([host, n]) => `${host}=${n}`)
      const parts = [
        unit.rank,
        unit.vms.length,
        unit.size,
        mask(unit.allowed),
        mask(unit.hostCost),
        leans,
        rules,
      ]
      const key = parts.join('|')
      if (!kinds.has(key)) kinds.set(key, kinds.size)
      return kinds.get(key)!
    }
    const rows = units.map((unit, index) => ({ unit, index, kind: kindOf(unit) }))
    const first = new Map<number, number>()
    for (const { kind, index } of rows) if (!first.has(kind)) first.set(kind, index)
    this.#order = rows.sort((a, b) => first.get(a.kind)! - first.get(b.kind)! || a.index - b.index)
    this.#hosts = [...layout.accepts.keys()].filter(
      (host) => layout.accepts[host] && units.some((unit) => !unit.allowed || unit.allowed[host]),
    )
    const allowed = [...new Set(units.flatMap((unit) => (unit.allowed ? [unit.allowed] : [])))]
    const priced = [...new Set(units.flatMap((unit) => (unit.hostCost ? [unit.hostCost] : [])))]
    const leaned = new Set(units.flatMap((unit) => [...unit.leans.keys()]))
    this.#fixed = this.#hosts.map((host) =>
      [
        ...model.hosts[host]!.capacity,
        ...allowed.map((hosts) => hosts[host]),
        ...priced.map((prices) => prices[host]),
        leaned.has(host) ? `host ${host}` : '',
      ].join(),
    )
    this.#sets = [...new Set(units.flatMap((unit) => unit.sets.map(({ set }) => set)))]
    this.#groups = [...new Set(units.flatMap(({ group }) => (group >= 0 ? [group] : [])))]
    this.#hard = [...model.resources.keys()].filter((r) => model.resources[r]!.hard)
    this.#ranks = [...new Set(units.map(({ rank }) => rank))].sort((a, b) => a - b)
    this.#now = new Int32Array(units.length).fill(-1)
    this.#rest = []
    this.#smallest = []
    const rest = new Float64Array(layout.resources)
    const smallest = new Float64Array(layout.resources).fill(Number.POSITIVE_INFINITY)
    for (const { unit } of [...this.#order].reverse()) {
      for (const r of this.#hard) {
        rest[r]! += unit.size[r]!
        smallest[r] = Math.min(smallest[r]!, unit.size[r]!)
      }
      this.#rest.unshift(rest.slice())
      this.#smallest.unshift(smallest.slice())
    }
  }

  run(): Found {
    this.#visit(
      0,
      this.#ranks.map(() => 0),
    )
    return { hosts: this.#best, exhaustive: !this.#stopped, looks: this.#looks }
  }

  #visit(depth: number, counts: number[]): void {
    if (this.#done || this.#stopped) return
    if (depth === this.#order.length) {
      this.#finish(counts)
      return
    }
    this.#looks += this.#hosts.length
    if (this.#looks > this.options.looks || this.options.mayGoOn?.() === false) {
      this.#stopped = true
      return
    }
    if (this.#hopeless(depth, counts)) return
    const { unit, index, kind } = this.#order[depth]!
    const previous = this.#order[depth - 1]
    const from = previous?.kind === kind ? this.#now[previous.index]! : 0
    if (from !== -1) {
      for (const host of this.#candidates(unit, from)) {
        this.layout.put(unit, host)
        this.#now[index] = host
        const rank = this.#ranks.indexOf(unit.rank)
        counts[rank]! += unit.vms.length
        this.#visit(depth + 1, counts)
        counts[rank]! -= unit.vms.length
        this.#now[index] = -1
        this.layout.take(unit)
        if (this.#done || this.#stopped) return
      }
    }
    if (this.options.goal === 'most') this.#visit(depth + 1, counts)
  }

  /** Hosts that take the unit now, one of each kind, the cheapest first. */
  #candidates(unit: Unit, from: number): number[] {
    const { layout } = this
    const seen = new Set<string>()
    const open: { host: number; cost: number }[] = []
    for (const [i, host] of this.#hosts.entries()) {
      if (host < from || !layout.fits(unit, host)) continue
      const key = this.#keyOf(i, host)
      if (seen.has(key)) continue
      seen.add(key)
      open.push({ host, cost: costOf(layout, this.options.objective, unit, host) })
    }
    return open.sort((a, b) => a.cost - b.cost || a.host - b.host).map(({ host }) => host)
  }

  #keyOf(i: number, host: number): string {
    const { layout } = this
    let key = this.#fixed[i]!
    for (let r = 0; r < layout.resources; r += 1) key += `,${layout.used[host * layout.resources + r]!}`
    for (const set of this.#sets) key += `;${layout.setAt[set]!.get(host) ?? 0}`
    for (const group of this.#groups) key += `:${layout.groupAt[group]!.get(host) ?? 0}`
    return key
  }

  /** Whether nothing below this point can be better than what is known. */
  #hopeless(depth: number, counts: readonly number[]): boolean {
    if (this.options.goal === 'all') return this.#lacksRoom(depth)
    if (!this.#best || this.options.first) return false
    const ahead = this.#ranks.map(() => 0)
    for (let at = depth; at < this.#order.length; at += 1) {
      const { unit } = this.#order[at]!
      ahead[this.#ranks.indexOf(unit.rank)]! += unit.vms.length
    }
    const bound = compare(
      counts.map((count, i) => -(count + ahead[i]!)),
      this.#bestCounts.map((count) => -count),
    )
    return bound > 0 || (bound === 0 && !this.options.leaf)
  }

  /** More is needed than all hosts together have left that can take even the smallest. */
  #lacksRoom(depth: number): boolean {
    const rest = this.#rest[depth]!
    const smallest = this.#smallest[depth]!
    for (const r of this.#hard) {
      let free = 0
      for (const host of this.#hosts) {
        const own = this.layout.free(host, r)
        if (own >= smallest[r]! * (1 - 1e-9)) free += Math.max(0, own)
      }
      if (rest[r]! * (1 - 1e-9) > free) return true
    }
    return false
  }

  #finish(counts: readonly number[]): void {
    const { leaf, first, ideal } = this.options
    const price = [
      first?.(this.layout) ?? 0,
      ...counts.map((count) => -count),
      ...(leaf?.(this.layout) ?? []),
    ]
    if (this.#best && compare(price, this.#price) >= 0) return
    this.#best = this.#now.slice()
    this.#bestCounts = [...counts]
    this.#price = price
    const complete = this.#now.every((host) => host >= 0)
    const costs = price.slice(1 + counts.length)
    if (complete && (!leaf || (ideal && compare(costs, ideal) <= 0))) this.#done = true
  }
}

/** Which of two lists is less, by their first difference. */
export function compare(a: readonly number[], b: readonly number[]): number {
  for (const [i, value] of a.entries()) if (Math.abs(value - b[i]!) > 1e-9) return value - b[i]!
  return 0
}

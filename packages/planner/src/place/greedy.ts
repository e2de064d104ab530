import type { Layout } from '../model/layout'
import type { Unit } from '../model/unit'
import { costOf, loadCost, type Objective } from './objective'

/** So many looks at a host are cheap enough to look at all of them; beyond, hosts wait in heaps. */
const looks = 4_000_000

/** The best host for a unit as things are; -1: none takes it. The lowest index wins between hosts alike. */
export function bestHost(layout: Layout, objective: Objective, unit: Unit): number {
  let best = -1
  let least = Number.POSITIVE_INFINITY
  for (let host = 0; host < layout.accepts.length; host += 1) {
    if (!layout.fits(unit, host)) continue
    const cost = costOf(layout, objective, unit, host)
    if (cost < least) {
      least = cost
      best = host
    }
  }
  return best
}

/** Puts each unit, in order, where it costs least. Answers those that found no place. */
export function greedy(layout: Layout, objective: Objective, units: readonly Unit[]): Unit[] {
  const heaps = units.length * layout.accepts.length > looks ? new Heaps(layout, objective) : null
  const left: Unit[] = []
  for (const unit of units) {
    const host = heaps ? heaps.best(unit) : bestHost(layout, objective, unit)
    if (host === -1) left.push(unit)
    else layout.put(unit, host)
  }
  return left
}

/**
 * A heap of hosts by cost for every kind of unit (who it may be on, and about how large it is). Costs only grow while
 * units are put, so an entry that is out of date is too hopeful: it is corrected when it comes to the top, and the top
 * that is true is the best. Wishes between VMs are looked at besides, on the few hosts where those VMs are.
 */
class Heaps {
  readonly #heaps = new Map<Uint8Array | null, Map<string, Heap>>()

  constructor(
    private readonly layout: Layout,
    private readonly objective: Objective,
  ) {}

  best(unit: Unit): number {
    const { layout, objective } = this
    if (unit.hostCost || unit.leans.size > 0) return bestHost(layout, objective, unit)
    const anchors = unit.group >= 0 ? [...layout.groupAt[unit.group]!.keys()] : []
    if (anchors.length > 0) return anchors.length === 1 && layout.fits(unit, anchors[0]!) ? anchors[0]! : -1
    const candidates = new Set<number>()
    for (const { set } of unit.wishes) for (const host of layout.setAt[set]!.keys()) candidates.add(host)
    const neighbours = [...candidates].filter((host) => layout.fits(unit, host))
    const free = this.#top(unit, candidates)
    if (free >= 0) neighbours.push(free)
    let best = -1
    let least = Number.POSITIVE_INFINITY
    for (const host of neighbours.sort((a, b) => a - b)) {
      const cost = costOf(layout, objective, unit, host)
      if (cost < least) {
        least = cost
        best = host
      }
    }
    return best
  }

  /** The cheapest host by load that takes the unit, `except` for these; -1: none. */
  #top(unit: Unit, except: ReadonlySet<number>): number {
    const heap = this.#of(unit)
    // What does not take this one of its kind is set aside, and put back.
    const aside: number[] = []
    let found = -1
    while (heap.size > 0) {
      const host = heap.hosts[0]!
      const cost = loadCost(this.layout, this.objective, heap.like, host)
      if (cost > heap.costs[0]! * (1 + 1e-12)) {
        heap.costs[0] = cost
        sink(heap, 0)
      } else if (!except.has(host) && this.layout.fits(unit, host)) {
        found = host
        break
      } else {
        aside.push(host)
        heap.costs[0] = heap.costs[heap.size - 1]!
        heap.hosts[0] = heap.hosts[heap.size - 1]!
        heap.size -= 1
        sink(heap, 0)
      }
    }
    for (const host of aside) {
      heap.hosts[heap.size] = host
      heap.costs[heap.size] = loadCost(this.layout, this.objective, heap.like, host)
      heap.size += 1
      rise(heap, heap.size - 1)
    }
    return found
  }

  #of(unit: Unit): Heap {
    let bySize = this.#heaps.get(unit.allowed)
    if (!bySize) {
      bySize = new Map()
      this.#heaps.set(unit.allowed, bySize)
    }
    // Sizes within a fifth of one another share a heap.
    const key = [...unit.size].map((size) => (size > 0 ? Math.round(Math.log(size) * 5) : -1)).join()
    let heap = bySize.get(key)
    if (!heap) {
      heap = this.#heap(unit)
      bySize.set(key, heap)
    }
    return heap
  }

  #heap(like: Unit): Heap {
    const { layout, objective } = this
    const open: number[] = []
    for (let host = 0; host < layout.accepts.length; host += 1)
      if (layout.accepts[host] && (!like.allowed || like.allowed[host])) open.push(host)
    const costs = new Map(open.map((host) => [host, loadCost(layout, objective, like, host)]))
    open.sort((a, b) => costs.get(a)! - costs.get(b)! || a - b)
    return {
      like,
      size: open.length,
      hosts: Int32Array.from(open),
      costs: Float64Array.from(open, (host) => costs.get(host)!),
    }
  }
}

interface Heap {
  like: Unit
  size: number
  hosts: Int32Array
  costs: Float64Array
}

function before({ hosts, costs }: Heap, a: number, b: number): boolean {
  return costs[a]! < costs[b]! || (costs[a] === costs[b] && hosts[a]! < hosts[b]!)
}

function swap({ hosts, costs }: Heap, a: number, b: number): void {
  const [host, cost] = [hosts[a]!, costs[a]!]
  hosts[a] = hosts[b]!
  costs[a] = costs[b]!
  hosts[b] = host
  costs[b] = cost
}

function sink(heap: Heap, from: number): void {
  for (let at = from; ; ) {
    let least = at
    for (const child of [2 * at + 1, 2 * at + 2])
      if (child < heap.size && before(heap, child, least)) least = child
    if (least === at) return
    swap(heap, at, least)
    at = least
  }
}

function rise(heap: Heap, from: number): void {
  for (let at = from; at > 0; ) {
    const parent = (at - 1) >> 1
    if (!before(heap, at, parent)) return
    swap(heap, at, parent)
    at = parent
  }
}

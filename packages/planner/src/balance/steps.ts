import type { Layout } from '../model/layout'
import type { Unit } from '../model/unit'
import type { BalanceMove, BalancePlan } from './balance'
import type { Loads, Score } from './goal'

/** So many hosts that stand out most, on either side, are looked at for the next step. */
const near = 4
/** Up to so many hosts all are looked at. */
const few = 12
/** Exchanges are looked for only where there are so few pairs of VMs. */
const pairs = 40_000
/** An exchange has to bring more than its moves would have to alone. */
const dear = 2
const tiny = 1e-12

/** A unit with what moving it costs, and how much that counts. */
interface Piece {
  unit: Unit
  cost: number
  price: number
}

interface Step {
  piece: Piece
  from: number
  to: number
  back: Piece | null
  /** Gain for the price. */
  worth: number
}

/** Takes the step that is worth most, again and again. */
export class Steps {
  readonly #on: Piece[][]
  readonly #moves: BalanceMove[] = []
  readonly #resources: Int32Array
  #stepNumber = 0

  constructor(
    private readonly layout: Layout,
    private readonly loads: Loads,
    units: readonly Unit[],
    private readonly thrift: number,
    private readonly mayGoOn: () => boolean = () => true,
  ) {
    this.#on = layout.model.hosts.map(() => [])
    const { costOf, costPerMove, metrics } = loads.goal
    this.#resources = Int32Array.from(metrics, ({ resource }) => resource)
    for (const unit of units) {
      const cost = Math.max(tiny, unit.size[costOf]! + costPerMove * unit.vms.length)
      this.#on[layout.hostOf(unit)]!.push({ unit, cost, price: cost ** thrift })
    }
  }

  run(): BalancePlan {
    const { goal } = this.loads
    const before = this.loads.score()
    let now = before
    let stopped = false
    while (this.#moves.length < goal.maxMoves && now.total > tiny) {
      if (this.#stepNumber % 16 === 15 && !this.mayGoOn()) {
        stopped = true
        break
      }
      const least = Math.max(goal.minGain, goal.minShare * now.total, tiny)
      const step = this.#single(least) ?? this.#exchange(least)
      if (!step) break
      if (this.#moves.length + lengthOf(step) > goal.maxMoves) break
      now = this.#take(step, now)
    }
    return { moves: this.#moves, before, after: now, stopped }
  }

  /** The best move of one unit, by the slope of the score: very many are looked at, and only the best exactly. */
  #single(least: number): Step | null {
    const { loads } = this
    const slope = loads.slope()
    const targets = Int32Array.from(this.#standing(-1))
    const sides = this.#sides(targets)
    const width = this.#resources.length
    const bends = new Float64Array(width)
    const reliefs = new Float64Array(width)
    let best: Step | null = null
    let worth = 0
    for (const from of this.#standing(1)) {
      const source = this.#sides([from])
      for (const piece of this.#on[from]!) {
        const { unit, price } = piece
        const { size } = unit
        for (let m = 0; m < width; m += 1) {
          const by = size[this.#resources[m]!]! * source.inverse[m]!
          bends[m] = -by * (source.apart[m]! - by)
          reliefs[m] = source.room[m]! < 0 ? Math.min(by, -source.room[m]!) : 0
        }
        const bar = Math.max(least * unit.vms.length, worth * price)
        for (let t = 0; t < targets.length; t += 1) {
          let gain = 0
          for (let m = 0; m < width; m += 1) {
            const i = t * width + m
            const by = size[this.#resources[m]!]! * sides.inverse[i]!
            const evened = -(bends[m]! + by * (sides.apart[i]! + by))
            const part =
              evened > 0 ? Math.min(slope.most[m]!, evened * slope.better[m]!) : evened * slope.worse[m]!
            const more = by > sides.room[i]! ? Math.min(by, by - sides.room[i]!) : 0
            gain += part + (reliefs[m]! - more) * slope.over[m]!
          }
          if (gain <= bar || gain <= worth * price) continue
          const to = targets[t]!
          if (to === from || !this.#mayGo(unit, from, to)) continue
          worth = gain / price
          best = { piece, from, to, back: null, worth }
        }
      }
    }
    if (!best) return null
    const { unit } = best.piece
    return loads.gain(unit.size, best.from, best.to) > least * unit.vms.length ? best : null
  }

  /** What the search needs to know of some hosts, side by side: by host and metric. */
  #sides(hosts: ArrayLike<number>): { inverse: Float64Array; apart: Float64Array; room: Float64Array } {
    const { loads } = this
    const width = this.#resources.length
    const inverse = new Float64Array(hosts.length * width)
    const apart = new Float64Array(hosts.length * width)
    const room = new Float64Array(hosts.length * width)
    for (let h = 0; h < hosts.length; h += 1)
      for (let m = 0; m < width; m += 1) {
        const i = h * width + m
        const used = loads.of(m, hosts[h]!)
        const { limit } = loads.goal.metrics[m]!
        inverse[i] = loads.inverse(m, hosts[h]!)
        apart[i] = 2 * (used - loads.mean(m))
        room[i] = limit === null ? Number.POSITIVE_INFINITY : limit - used
      }
    return { inverse, apart, room }
  }

  /** One there and another back: where a VM is too large a step, or its target too full. */
  #exchange(least: number): Step | null {
    const { loads } = this
    let best: Step | null = null
    let looks = 0
    const targets = this.#standing(-1)
    for (const from of this.#standing(1))
      for (const to of targets) {
        if (to === from || looks > pairs) continue
        for (const piece of this.#on[from]!)
          for (const back of this.#on[to]!) {
            looks += 1
            const gain = loads.gain(piece.unit.size, from, to, back.unit.size)
            const count = piece.unit.vms.length + back.unit.vms.length
            if (gain <= least * count * dear) continue
            const worth = gain / (piece.cost + back.cost) ** this.thrift
            if (best && worth <= best.worth) continue
            if (!this.#mayGo(piece.unit, from, to) || !this.#mayGo(back.unit, to, from)) continue
            best = { piece, from, to, back, worth }
          }
      }
    return best
  }

  /** Whether the unit fits there beside all that is there now, breaks no strict rule, and worsens no wish. */
  #mayGo(unit: Unit, from: number, to: number): boolean {
    const { layout } = this
    if (unit.hostCost && unit.hostCost[to]! > unit.hostCost[from]!) return false
    if (!layout.holds(unit, to)) return false
    if (unit.group < 0 && unit.wishes.length === 0) return layout.obeys(unit, to)
    layout.take(unit)
    const fits = layout.obeys(unit, to) && this.#wishes(unit, to) <= this.#wishes(unit, from)
    layout.put(unit, from)
    return fits
  }

  #wishes(unit: Unit, host: number): number {
    const { layout } = this
    let broken = 0
    for (const { set } of unit.wishes) {
      const there = layout.setAt[set]!.get(host) ?? 0
      broken += layout.model.sets[set]!.relation === 'apart' ? there : layout.setPlaced[set]! - there
    }
    return broken
  }

  #take(step: Step, before: Score): Score {
    const { piece, from, to, back } = step
    this.#go(piece, from, to)
    if (back) this.#go(back, to, from)
    const after = this.loads.score()
    const add = (one: Unit, a: number, b: number) => {
      for (const vm of one.vms) {
        const cost = this.layout.model.vms[vm]!.size[this.loads.goal.costOf]! + this.loads.goal.costPerMove
        this.#moves.push({ vm, from: a, to: b, step: this.#stepNumber, before, after, cost })
      }
    }
    add(piece.unit, from, to)
    if (back) add(back.unit, to, from)
    this.#stepNumber += 1
    return after
  }

  /** It is not moved again. */
  #go(piece: Piece, from: number, to: number): void {
    const { unit } = piece
    this.layout.take(unit)
    this.layout.put(unit, to)
    this.loads.move(unit.size, from, to)
    const on = this.#on[from]!
    on.splice(on.indexOf(piece), 1)
  }

  /** Hosts that stand out, upwards or downwards, by any metric and by all together. */
  #standing(sign: 1 | -1): number[] {
    const { loads } = this
    const { counts } = loads
    if (counts.length <= few) return [...counts.keys()].filter((host) => counts[host])
    const found = new Set<number>()
    const metrics = loads.goal.metrics.length
    for (let m = 0; m <= metrics; m += 1) {
      if (m === metrics && metrics === 1) break
      const top = new Top(near)
      for (let host = 0; host < counts.length; host += 1) {
        if (!counts[host] || (sign === 1 && this.#on[host]!.length === 0)) continue
        top.offer(host, sign * (m === metrics ? loads.standsOut(host) : loads.standsOutBy(m, host)))
      }
      for (const host of top.hosts) found.add(host)
    }
    return [...found].sort((a, b) => a - b)
  }
}

function lengthOf({ piece, back }: Step): number {
  return piece.unit.vms.length + (back?.unit.vms.length ?? 0)
}

/** The few with the highest values; the first of those alike. */
class Top {
  readonly hosts: number[] = []
  readonly #values: number[] = []

  constructor(private readonly size: number) {}

  offer(host: number, value: number): void {
    const full = this.hosts.length === this.size
    if (full && value <= this.#values[this.size - 1]!) return
    let at = this.hosts.length
    while (at > 0 && this.#values[at - 1]! < value) at -= 1
    this.hosts.splice(at, 0, host)
    this.#values.splice(at, 0, value)
    if (full) {
      this.hosts.pop()
      this.#values.pop()
    }
  }
}

import type { Loads, Slope } from './goal'
import { type Leg, mayGo, type Piece, type Way } from './way'

/** Up to so many hosts, all are looked at as targets. */
const few = 16
/** Of more, so many of those that stand out most downwards, by each metric and by all together. */
const near = 6
/** Where there are more hosts than this, those are looked for again only after so many steps. */
const large = 256
const steady = 8
/** What is known of a host's best move is worked out anew after so many steps, or as many as there are hosts. */
const staleSteps = 16
/** Exchanges are looked for between so many of the hosts that stand out most on either side, */
const exchanging = 4
/** and no more of them than this. */
const pairs = 40_000
/** An exchange has to bring more than its moves would have to alone. */
const dear = 2
const tiny = 1e-12

/** The best move of a host, as it was found in this round. */
interface Best {
  worth: number
  piece: Piece | null
  to: number
  round: number
}

/** Some hosts, side by side, with what the search needs to know of them: by host and metric. */
interface Side {
  hosts: Int32Array
  inverse: Float64Array
  /** Twice the distance from the mean. */
  apart: Float64Array
  /** Up to the limit. */
  room: Float64Array
  /** By metric: the mean, the least of `apart`, and the least and the most of `inverse`. */
  mean: Float64Array
  deepest: Float64Array
  low: Float64Array
  high: Float64Array
}

/**
 * Takes the step that is worth most (its gain for its price), again and again, until nothing more is gained. The best move of each
 * host is remembered, and looked at again only when it is about to be taken.
 */
export class Climb {
  readonly #on: Piece[][]
  readonly #best: Best[]
  readonly #prices = new Map<Piece, number>()
  readonly #resources: Int32Array
  readonly #width: number
  readonly #limits: Float64Array
  readonly #bends: Float64Array
  readonly #reliefs: Float64Array
  readonly #stale: number
  #round = 0
  #standing: number[] = []
  stopped = false

  constructor(
    private readonly way: Way,
    pieces: readonly Piece[],
    private readonly thrift: number,
    private readonly mayGoOn: () => boolean = () => true,
  ) {
    const { layout, loads } = way
    this.#on = layout.model.hosts.map(() => [])
    this.#resources = Int32Array.from(loads.goal.metrics, ({ resource }) => resource)
    this.#width = this.#resources.length
    this.#limits = Float64Array.from(loads.goal.metrics, ({ limit }) => limit ?? Number.POSITIVE_INFINITY)
    this.#bends = new Float64Array(this.#width)
    this.#reliefs = new Float64Array(this.#width)
    this.#stale = Math.max(staleSteps, this.#on.length)
    for (const piece of pieces) {
      this.#prices.set(piece, piece.cost ** thrift)
      // What has been moved already stays where it is.
      if (layout.hostOf(piece.unit) === piece.home) this.#on[piece.home]!.push(piece)
    }
    this.#best = this.#on.map(() => ({ worth: 0, piece: null, to: -1, round: -this.#stale }))
  }

  run(): void {
    const { loads, moves } = this.way
    const { goal } = loads
    let now = loads.score()
    while (moves.length < goal.maxMoves && now.total > tiny) {
      if (this.#round % 16 === 15 && !this.mayGoOn()) {
        this.stopped = true
        return
      }
      this.#round += 1
      const least = Math.max(goal.minGain, goal.minShare * now.total, tiny)
      const legs = this.#single(least) ?? this.#exchange(least)
      if (!legs) return
      const count = legs.reduce((sum, { piece }) => sum + piece.unit.vms.length, 0)
      if (moves.length + count > goal.maxMoves) return
      for (const { piece, from, to } of legs) {
        this.way.go(piece, from, to)
        this.#on[from]!.splice(this.#on[from]!.indexOf(piece), 1)
        for (const host of [from, to]) this.#best[host]!.round = -this.#stale
      }
      const after = loads.score()
      this.way.note(legs, now, after)
      now = after
    }
  }

  /** The best move of one unit. */
  #single(least: number): Leg[] | null {
    const { loads } = this.way
    const slope = loads.slope()
    const targets = this.#side(this.#targets())
    const best = this.#best
    const barren = new Set<Piece>()
    for (let host = 0; host < best.length; host += 1)
      if (this.#round - best[host]!.round >= this.#stale) this.#look(host, targets, slope, least, barren)
    for (let fresh = false; ; ) {
      let from = -1
      for (let host = 0; host < best.length; host += 1)
        if (best[host]!.worth > 0 && (from < 0 || best[host]!.worth > best[from]!.worth)) from = host
      if (from < 0) {
        if (fresh) return null
        // Before it is said that there is nothing, everything is looked at.
        fresh = true
        for (let host = 0; host < best.length; host += 1)
          if (best[host]!.round !== this.#round) this.#look(host, targets, slope, least, barren)
        continue
      }
      const found = best[from]!
      if (found.round !== this.#round) {
        this.#look(from, targets, slope, least, barren)
        continue
      }
      const { unit } = found.piece!
      if (loads.gain(unit.size, from, found.to) > least * unit.vms.length)
        return [{ piece: found.piece!, from, to: found.to }]
      barren.add(found.piece!)
      this.#look(from, targets, slope, least, barren)
    }
  }

  /** Works out the best move off a host, by the slope of the score. */
  #look(from: number, targets: Side, slope: Slope, least: number, barren: ReadonlySet<Piece>): void {
    const { layout, loads } = this.way
    const best = this.#best[from]!
    best.round = this.#round
    best.worth = 0
    best.piece = null
    if (!loads.counts[from]) return
    const width = this.#width
    const { hosts, inverse, apart, room } = targets
    const bends = this.#bends
    const reliefs = this.#reliefs
    for (const piece of this.#on[from]!) {
      const { unit } = piece
      const { size } = unit
      const price = this.#prices.get(piece)!
      const bar = Math.max(least * unit.vms.length, best.worth * price)
      // What it would gain at best: with the target that stands out most by each metric.
      let most = 0
      for (let m = 0; m < width; m += 1) {
        const need = size[this.#resources[m]!]!
        const by = need * loads.inverse(m, from)
        const used = loads.of(m, from)
        const over = used - this.#limits[m]!
        bends[m] = -by * (2 * (used - targets.mean[m]!) - by)
        reliefs[m] = over > 0 ? Math.min(by, over) * slope.over[m]! : 0
        const deepest = targets.deepest[m]!
        const bend = (deepest < 0 ? need * targets.high[m]! : 0) * deepest + (need * targets.low[m]!) ** 2
        const evened = -(bends[m]! + bend)
        most += reliefs[m]!
        if (evened > 0) most += Math.min(slope.most[m]!, evened * slope.better[m]!)
      }
      if (most <= bar || barren.has(piece)) continue
      let same = Number.NaN
      let emptiest = 0
      for (let t = 0; t < hosts.length; t += 1) {
        let gain = 0
        for (let m = 0; m < width; m += 1) {
          const i = t * width + m
          const by = size[this.#resources[m]!]! * inverse[i]!
          const evened = -(bends[m]! + by * (apart[i]! + by))
          if (evened <= 0) gain += evened * slope.worse[m]!
          else gain += Math.min(slope.most[m]!, evened * slope.better[m]!)
          const short = by - room[i]!
          gain += short > 0 ? reliefs[m]! - Math.min(by, short) * slope.over[m]! : reliefs[m]!
        }
        // Where only overloads count, many hosts would do: the emptiest of them, or all would go to the first.
        let full = 0
        for (let m = 0; m < width; m += 1) full += apart[t * width + m]!
        if (gain === same ? full >= emptiest : gain <= bar || gain <= best.worth * price) continue
        const to = hosts[t]!
        if (to === from || !mayGo(layout, unit, from, to)) continue
        best.worth = gain / price
        best.piece = piece
        best.to = to
        same = gain
        emptiest = full
      }
    }
  }

  #side(hosts: ArrayLike<number>): Side {
    const { loads } = this.way
    const width = this.#width
    const size = hosts.length * width
    const side: Side = {
      hosts: Int32Array.from(hosts),
      inverse: new Float64Array(size),
      apart: new Float64Array(size),
      room: new Float64Array(size),
      mean: new Float64Array(width),
      deepest: new Float64Array(width).fill(Number.POSITIVE_INFINITY),
      low: new Float64Array(width).fill(Number.POSITIVE_INFINITY),
      high: new Float64Array(width),
    }
    for (let m = 0; m < width; m += 1) {
      const mean = loads.mean(m)
      side.mean[m] = mean
      for (let h = 0; h < hosts.length; h += 1) {
        const i = h * width + m
        const used = loads.of(m, hosts[h]!)
        const inverse = loads.inverse(m, hosts[h]!)
        side.inverse[i] = inverse
        side.apart[i] = 2 * (used - mean)
        side.room[i] = this.#limits[m]! - used
        side.deepest[m] = Math.min(side.deepest[m]!, side.apart[i]!)
        side.low[m] = Math.min(side.low[m]!, inverse)
        side.high[m] = Math.max(side.high[m]!, inverse)
      }
    }
    return side
  }

  /** One there and another back: where a VM is too large a step, or its target too full. */
  #exchange(least: number): Leg[] | null {
    const { layout, loads } = this.way
    let best: Leg[] | null = null
    let worth = 0
    let looks = 0
    const targets = standing(loads, -1, exchanging)
    for (const from of standing(loads, 1, exchanging))
      for (const to of targets) {
        if (to === from || looks > pairs) continue
        for (const piece of this.#on[from]!)
          for (const back of this.#on[to]!) {
            looks += 1
            const gain = loads.gain(piece.unit.size, from, to, back.unit.size)
            if (gain <= 0) continue
            const count = piece.unit.vms.length + back.unit.vms.length
            if (gain <= least * count * dear) continue
            const value = gain / (piece.cost + back.cost) ** this.thrift
            if (value <= worth) continue
            if (!mayGo(layout, piece.unit, from, to) || !mayGo(layout, back.unit, to, from)) continue
            worth = value
            best = [
              { piece, from, to },
              { piece: back, from: to, to: from },
            ]
          }
      }
    return best
  }

  #targets(): number[] {
    const { loads } = this.way
    const { counts } = loads
    if (counts.length <= few) return [...counts.keys()].filter((host) => counts[host])
    if (counts.length <= large) return standing(loads, -1, near)
    // In a large cluster a few steps change little of who stands out.
    if (this.#round % steady === 1 || this.#standing.length === 0)
      this.#standing = standing(loads, -1, near + steady)
    return this.#standing
  }
}

/** The hosts that stand out most, upwards or downwards, by each metric and by all together. */
function standing(loads: Loads, sign: 1 | -1, most: number): number[] {
  const { counts } = loads
  if (counts.length <= most * 3) return [...counts.keys()].filter((host) => counts[host])
  const metrics = loads.goal.metrics.map((_, m): number | null => m)
  const found = new Set<number>()
  for (const metric of metrics.length > 1 ? [...metrics, null] : metrics) {
    const out = loads.standsOut(metric)
    const top = new Top(most)
    for (let host = 0; host < counts.length; host += 1) if (counts[host]) top.offer(host, sign * out[host]!)
    for (const host of top.hosts) found.add(host)
  }
  return [...found].sort((a, b) => a - b)
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

import type { Model } from '../model/model'

/** A resource whose load is to be evened out, or kept under a limit. */
export interface Metric {
  /** Index of the model's resource. */
  resource: number
  /** How much it counts, beside the others. */
  weight: number
  /** A spread (standard deviation of the hosts' utilisation) that is even enough: nobody is moved to get below it. */
  enough: number
  /** A host that uses more than this share is overloaded; null: none is. */
  limit: number | null
}

/** What a plan is to reach, as data. */
export interface BalanceGoal {
  /** `spread`: even loads, and no overloads. `overload`: only takes overloads away. */
  aim: 'spread' | 'overload'
  metrics: readonly Metric[]
  /** A move has to better the score by this much, */
  minGain: number
  /** and by this share of the score as it is then. */
  minShare: number
  maxMoves: number
  /** The resource whose size says what moving a VM costs: its memory. */
  costOf: number
  /** What a move costs besides, in the same unit. */
  costPerMove: number
}

/** The score, and what it is made of. Lower is better. */
export interface Score {
  total: number
  /** By metric: the standard deviation of the hosts' utilisation. */
  spread: number[]
  /** By metric: by how much hosts are over the limit, all together, as shares of a host. */
  over: number[]
}

/** By metric: see `Loads.slope`. */
export interface Slope {
  better: Float64Array
  worse: Float64Array
  /** No step gains more by evening this metric out. */
  most: Float64Array
  over: Float64Array
}

/** Sums that are kept up drift by less than this. */
const rounding = 1e-9

/** An overload is worse than any unevenness. */
const overWeight = 4

/** Utilisation of the hosts that take VMs, kept so that a move's gain is found in a few steps. */
export class Loads {
  readonly #width: number
  readonly #resources: Int32Array
  readonly #weights: Float64Array
  readonly #enough: Float64Array
  /** Infinite where there is none. */
  readonly #limits: Float64Array
  /** By host and metric. */
  readonly #used: Float64Array
  /** By host and metric: 1 divided by its capacity; 0 where it has none. */
  readonly #inverse: Float64Array
  readonly #sum: Float64Array
  readonly #squares: Float64Array
  readonly #over: Float64Array
  readonly #count: number
  readonly #even: boolean
  /** By host: whether it counts. */
  readonly counts: Uint8Array

  constructor(
    readonly model: Model,
    readonly goal: BalanceGoal,
  ) {
    const { hosts } = model
    const { metrics } = goal
    const width = metrics.length
    this.#width = width
    this.#even = goal.aim === 'spread'
    this.counts = Uint8Array.from(hosts, ({ accepts }) => (accepts ? 1 : 0))
    this.#count = Math.max(
      1,
      this.counts.reduce((sum, one) => sum + one, 0),
    )
    const total = metrics.reduce((sum, { weight }) => sum + weight, 0) || 1
    this.#resources = Int32Array.from(metrics, ({ resource }) => resource)
    this.#weights = Float64Array.from(metrics, ({ weight }) => weight / total)
    this.#enough = Float64Array.from(metrics, ({ enough }) => enough)
    this.#limits = Float64Array.from(metrics, ({ limit }) => limit ?? Number.POSITIVE_INFINITY)
    this.#used = new Float64Array(hosts.length * width)
    this.#inverse = new Float64Array(hosts.length * width)
    this.#sum = new Float64Array(width)
    this.#squares = new Float64Array(width)
    this.#over = new Float64Array(width)
    for (let host = 0; host < hosts.length; host += 1)
      for (let m = 0; m < width; m += 1) {
        const { capacity, used: taken } = hosts[host]!
        const resource = this.#resources[m]!
        const inverse = capacity[resource]! > 0 ? 1 / capacity[resource]! : 0
        const used = taken[resource]! * inverse
        this.#inverse[host * width + m] = inverse
        this.#used[host * width + m] = used
        if (!this.counts[host]) continue
        this.#sum[m]! += used
        this.#squares[m]! += used * used
        this.#over[m]! += this.#excess(m, used)
      }
  }

  /** Utilisation of a host by a metric, 0 to 1 and beyond. */
  of(metric: number, host: number): number {
    return this.#used[host * this.#width + metric]!
  }

  /** 1 divided by the host's capacity. */
  inverse(metric: number, host: number): number {
    return this.#inverse[host * this.#width + metric]!
  }

  /** By how much a host is over the limit of a metric. */
  overOf(metric: number, host: number): number {
    const over = this.#excess(metric, this.of(metric, host))
    return over > rounding ? over : 0
  }

  mean(metric: number): number {
    return this.#sum[metric]! / this.#count
  }

  spread(metric: number): number {
    return deviation(this.#sum[metric]!, this.#squares[metric]!, this.#count)
  }

  /** The score's total alone. */
  total(): number {
    let total = 0
    for (let m = 0; m < this.#width; m += 1) {
      const over = this.#over[m]!
      total += this.#part(m, this.#even ? this.spread(m) : 0, over > rounding ? over : 0)
    }
    return total
  }

  score(): Score {
    const spread = this.goal.metrics.map((_, m) => this.spread(m))
    const over = this.goal.metrics.map((_, m) => (this.#over[m]! > rounding ? this.#over[m]! : 0))
    return { total: this.total(), spread, over }
  }

  /** By how much the score falls when `size` (by resource) goes from one host to another and `back` comes back. */
  gain(size: readonly number[], from: number, to: number, back: readonly number[] | null = null): number {
    const width = this.#width
    let gain = 0
    for (let m = 0; m < width; m += 1) {
      const resource = this.#resources[m]!
      const net = size[resource]! - (back ? back[resource]! : 0)
      if (net === 0) continue
      const a = this.#used[from * width + m]!
      const b = this.#used[to * width + m]!
      const nextA = a - net * this.#inverse[from * width + m]!
      const nextB = b + net * this.#inverse[to * width + m]!
      const sum = this.#sum[m]!
      const squares = this.#squares[m]!
      const over = this.#over[m]!
      const nextSum = sum - a - b + nextA + nextB
      const nextSquares = squares - a * a - b * b + nextA * nextA + nextB * nextB
      const nextOver =
        over - this.#excess(m, a) - this.#excess(m, b) + this.#excess(m, nextA) + this.#excess(m, nextB)
      gain +=
        this.#part(m, deviation(sum, squares, this.#count), over) -
        this.#part(m, deviation(nextSum, nextSquares, this.#count), nextOver)
    }
    return gain
  }

  /** What `gain` says for every host, into `into`; the source itself gains nothing. */
  gains(size: readonly number[], from: number, into: Float64Array): void {
    const width = this.#width
    into.fill(0)
    for (let m = 0; m < width; m += 1) {
      const by = size[this.#resources[m]!]!
      if (by === 0) continue
      const counted = this.counts[from] ? 1 : 0
      const full = this.#used[from * width + m]!
      const left = full - by * this.#inverse[from * width + m]!
      const sum = this.#sum[m]! + counted * (left - full)
      const squares = this.#squares[m]! + counted * (left * left - full * full)
      const over = this.#over[m]! + counted * (this.#excess(m, left) - this.#excess(m, full))
      const now = this.#part(m, this.spread(m), this.#over[m]!)
      for (let host = 0; host < into.length; host += 1) {
        if (host === from) continue
        const before = this.#used[host * width + m]!
        const after = before + (this.counts[host] ? by * this.#inverse[host * width + m]! : 0)
        const spread = deviation(sum + after - before, squares + after * after - before * before, this.#count)
        into[host]! += now - this.#part(m, spread, over + this.#excess(m, after) - this.#excess(m, before))
      }
    }
  }

  /**
   * What the gain of any next step comes to, about: the slope of the score as it is now. A search looks at very many
   * steps; only the one it takes is worked out exactly.
   */
  slope(): Slope {
    const { metrics } = this.goal
    const at = (m: number, enough: number) => {
      const spread = this.spread(m)
      return this.#even && spread > enough && spread > 0 ? this.#weights[m]! / (2 * spread * this.#count) : 0
    }
    return {
      better: Float64Array.from(metrics, ({ enough }, m) => at(m, enough)),
      worse: Float64Array.from(metrics, ({ enough }, m) => at(m, enough * 0.9)),
      most: Float64Array.from(metrics, ({ enough }, m) =>
        Math.max(0, this.#weights[m]! * (this.spread(m) - enough)),
      ),
      over: Float64Array.from(this.#weights, (weight) => weight * overWeight),
    }
  }

  move(size: readonly number[], from: number, to: number): void {
    for (let m = 0; m < this.#width; m += 1) {
      const by = size[this.#resources[m]!]!
      if (by === 0) continue
      this.#add(m, from, -by)
      this.#add(m, to, by)
    }
  }

  /** As `move`, of as much of each metric as `by` says from `offset` on: what a search tries very often. */
  moveBy(by: Float64Array, offset: number, from: number, to: number): void {
    for (let m = 0; m < this.#width; m += 1) {
      const amount = by[offset + m]!
      this.#add(m, from, -amount)
      this.#add(m, to, amount)
    }
  }

  #add(m: number, host: number, by: number): void {
    const i = host * this.#width + m
    const now = this.#used[i]!
    const next = now + by * this.#inverse[i]!
    this.#used[i] = next
    if (!this.counts[host]) return
    this.#sum[m]! += next - now
    this.#squares[m]! += next * next - now * now
    const limit = this.#limits[m]!
    if (now > limit) this.#over[m]! -= now - limit
    if (next > limit) this.#over[m]! += next - limit
  }

  #excess(m: number, used: number): number {
    const limit = this.#limits[m]!
    return used > limit ? used - limit : 0
  }

  #part(m: number, spread: number, over: number): number {
    const weight = this.#weights[m]!
    const enough = this.#enough[m]!
    return (this.#even && spread > enough ? weight * (spread - enough) : 0) + weight * overWeight * over
  }

  /**
   * How much each host stands out, above zero by too much, below by too little; by one metric, or (null) by all together. What is
   * even enough counts little.
   */
  standsOut(metric: number | null): Float64Array {
    const width = this.#width
    const out = new Float64Array(this.counts.length)
    for (let m = 0; m < width; m += 1) {
      if (metric !== null && m !== metric) continue
      const mean = this.mean(m)
      const spread = this.spread(m)
      const even = this.#weights[m]! * (spread > this.#enough[m]! ? 1 / spread : 0.01)
      const limit = this.#limits[m]!
      for (let host = 0; host < out.length; host += 1) {
        const used = this.#used[host * width + m]!
        const over = used > limit ? (used - limit) * overWeight : 0
        if (this.#even) out[host]! += even * (used - mean) + over
        else out[host]! += over > 0 ? over : (used - mean) * 1e-3
      }
    }
    return out
  }
}

function deviation(sum: number, squares: number, count: number): number {
  const mean = sum / count
  return Math.sqrt(Math.max(0, squares / count - mean * mean))
}

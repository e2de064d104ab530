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
  readonly #used: Float64Array[]
  readonly #sum: Float64Array
  readonly #squares: Float64Array
  readonly #over: Float64Array
  readonly #weights: Float64Array
  /** By metric, by host: 1 divided by its capacity; 0 where it has none. */
  readonly #inverse: Float64Array[]
  readonly #count: number
  /** By host: whether it counts. */
  readonly counts: Uint8Array

  constructor(
    readonly model: Model,
    readonly goal: BalanceGoal,
  ) {
    const { hosts } = model
    const { metrics } = goal
    this.counts = Uint8Array.from(hosts, ({ accepts }) => (accepts ? 1 : 0))
    this.#count = Math.max(
      1,
      this.counts.reduce((sum, one) => sum + one, 0),
    )
    const total = metrics.reduce((sum, { weight }) => sum + weight, 0) || 1
    this.#weights = Float64Array.from(metrics, ({ weight }) => weight / total)
    this.#inverse = metrics.map(({ resource }) =>
      Float64Array.from(hosts, ({ capacity }) => (capacity[resource]! > 0 ? 1 / capacity[resource]! : 0)),
    )
    this.#used = metrics.map(({ resource }, m) =>
      Float64Array.from(hosts, ({ used }, host) => used[resource]! * this.#inverse[m]![host]!),
    )
    this.#sum = new Float64Array(metrics.length)
    this.#squares = new Float64Array(metrics.length)
    this.#over = new Float64Array(metrics.length)
    for (const m of metrics.keys())
      for (let host = 0; host < hosts.length; host += 1) {
        if (!this.counts[host]) continue
        const used = this.#used[m]![host]!
        this.#sum[m]! += used
        this.#squares[m]! += used * used
        this.#over[m]! += this.#excess(m, used)
      }
  }

  /** Utilisation of a host by a metric, 0 to 1 and beyond. */
  of(metric: number, host: number): number {
    return this.#used[metric]![host]!
  }

  mean(metric: number): number {
    return this.#sum[metric]! / this.#count
  }

  spread(metric: number): number {
    return deviation(this.#sum[metric]!, this.#squares[metric]!, this.#count)
  }

  score(): Score {
    const spread = this.goal.metrics.map((_, m) => this.spread(m))
    const over = this.goal.metrics.map((_, m) => (this.#over[m]! > rounding ? this.#over[m]! : 0))
    let total = 0
    for (const m of spread.keys()) total += this.#part(m, spread[m]!, over[m]!)
    return { total, spread, over }
  }

  /** By how much the score falls when `size` (by resource) goes from one host to another and `back` comes back. */
  gain(size: Float64Array, from: number, to: number, back: Float64Array | null = null): number {
    const { metrics } = this.goal
    let gain = 0
    for (let m = 0; m < metrics.length; m += 1) {
      const { resource } = metrics[m]!
      const net = size[resource]! - (back ? back[resource]! : 0)
      if (net === 0) continue
      const used = this.#used[m]!
      const [a, b] = [used[from]!, used[to]!]
      const [nextA, nextB] = [a - net * this.#inverse[m]![from]!, b + net * this.#inverse[m]![to]!]
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
  gains(size: Float64Array, from: number, into: Float64Array): void {
    into.fill(0)
    for (let m = 0; m < this.#weights.length; m += 1) {
      const by = size[this.goal.metrics[m]!.resource]!
      if (by === 0) continue
      const used = this.#used[m]!
      const inverse = this.#inverse[m]!
      const counted = this.counts[from] ? 1 : 0
      const left = used[from]! - by * inverse[from]!
      const sum = this.#sum[m]! + counted * (left - used[from]!)
      const squares = this.#squares[m]! + counted * (left * left - used[from]! * used[from]!)
      const over = this.#over[m]! + counted * (this.#excess(m, left) - this.#excess(m, used[from]!))
      const now = this.#part(m, this.spread(m), this.#over[m]!)
      for (let host = 0; host < into.length; host += 1) {
        if (host === from) continue
        const before = used[host]!
        const after = before + (this.counts[host] ? by * inverse[host]! : 0)
        const spread = deviation(sum + after - before, squares + after * after - before * before, this.#count)
        const more = this.#excess(m, after) - this.#excess(m, before)
        into[host]! += now - this.#part(m, spread, over + more)
      }
    }
  }

  /**
   * What the gain of any next step comes to, about: the slope of the score as it is now. A search looks at very many
   * steps; only the one it takes is worked out exactly.
   */
  slope(): Slope {
    const { metrics, aim } = this.goal
    return {
      better: Float64Array.from(metrics, ({ enough }, m) => {
        const spread = this.spread(m)
        return aim === 'spread' && spread > enough ? this.#weights[m]! / (2 * spread * this.#count) : 0
      }),
      worse: Float64Array.from(metrics, ({ enough }, m) => {
        const spread = this.spread(m)
        return aim === 'spread' && spread > enough * 0.9 && spread > 0
          ? this.#weights[m]! / (2 * spread * this.#count)
          : 0
      }),
      most: Float64Array.from(metrics, ({ enough }, m) =>
        Math.max(0, this.#weights[m]! * (this.spread(m) - enough)),
      ),
      over: Float64Array.from(this.#weights, (weight) => weight * overWeight),
    }
  }

  /** 1 divided by the host's capacity. */
  inverse(metric: number, host: number): number {
    return this.#inverse[metric]![host]!
  }

  move(size: Float64Array, from: number, to: number): void {
    for (const [m, { resource }] of this.goal.metrics.entries()) {
      this.#set(m, from, this.#used[m]![from]! - size[resource]! * this.#inverse[m]![from]!)
      this.#set(m, to, this.#used[m]![to]! + size[resource]! * this.#inverse[m]![to]!)
    }
  }

  #set(metric: number, host: number, next: number): void {
    const used = this.#used[metric]!
    const now = used[host]!
    used[host] = next
    if (!this.counts[host]) return
    this.#sum[metric]! += next - now
    this.#squares[metric]! += next * next - now * now
    this.#over[metric]! += this.#excess(metric, next) - this.#excess(metric, now)
  }

  #excess(metric: number, used: number): number {
    const { limit } = this.goal.metrics[metric]!
    return limit !== null && used > limit ? used - limit : 0
  }

  #part(metric: number, spread: number, over: number): number {
    const weight = this.#weights[metric]!
    const uneven =
      this.goal.aim === 'spread' ? weight * Math.max(0, spread - this.goal.metrics[metric]!.enough) : 0
    return uneven + weight * overWeight * over
  }

  /** How much a host stands out: above zero it has too much, below too little. What is even enough does not count. */
  standsOut(host: number): number {
    let sum = 0
    for (let m = 0; m < this.#weights.length; m += 1) sum += this.standsOutBy(m, host)
    return sum
  }

  standsOutBy(metric: number, host: number): number {
    const used = this.#used[metric]![host]!
    const { limit, enough } = this.goal.metrics[metric]!
    const apart = used - this.mean(metric)
    if (this.goal.aim === 'overload') {
      const over = limit === null ? 0 : this.#excess(metric, used)
      return over > 0 ? over * overWeight : apart * 1e-3
    }
    const spread = this.spread(metric)
    return (
      this.#weights[metric]! * apart * (spread > enough ? 1 / spread : 0.01) +
      this.#excess(metric, used) * overWeight
    )
  }
}

function deviation(sum: number, squares: number, count: number): number {
  const mean = sum / count
  return Math.sqrt(Math.max(0, squares / count - mean * mean))
}

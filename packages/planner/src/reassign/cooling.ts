/** Into so many steps the range of temperatures is cut. */
const steps = 24
/** Least time for a step, as a share of the longest. */
const least = 0.06
/** How much longer a step takes over which the cost falls more. */
const power = 0.8

/**
 * How fast to cool, learnt from a first, quick pass over the whole range: time goes to the temperatures at which the cost
 * falls. Positions go from 0 (hot) to 1 (cold), geometrically in the temperature.
 */
export class Cooling {
  readonly #sum = new Float64Array(steps)
  readonly #count = new Float64Array(steps)

  /** Of the first pass: what the cost was at a position. */
  saw(position: number, cost: number): void {
    const step = Math.min(steps - 1, Math.floor(position * steps))
    // The beginning of a step is still warm from the one before.
    if (position * steps - step < 0.5) return
    this.#sum[step]! += cost
    this.#count[step]!++
  }

  /** The positions of the second pass: where to be after a share of its time. */
  plan(): (share: number) => number {
    const times = this.#times()
    const total = times.reduce((sum, time) => sum + time, 0)
    return (share) => {
      let left = share * total
      let step = 0
      while (step < steps - 1 && left > times[step]!) left -= times[step++]!
      return Math.min(1, (step + left / times[step]!) / steps)
    }
  }

  #times(): number[] {
    // A step that was passed too quickly to be seen is taken for the one before.
    let last = this.#count.findIndex((count) => count > 0)
    if (last < 0) return Array.from({ length: steps }, () => 1)
    const costs = Array.from({ length: steps }, (_, step) => {
      if (this.#count[step]! > 0) last = step
      return this.#sum[last]! / this.#count[last]!
    })
    const falls = costs.map((cost, step) => (step === 0 ? costs[0]! - costs[1]! : costs[step - 1]! - cost))
    const weights = falls.map((fall) => Math.max(0, fall) ** power)
    const most = Math.max(...weights) || 1
    const times = weights.map((weight) => weight / most + least)
    return times.map((time, i) => (2 * time + (times[i - 1] ?? time) + (times[i + 1] ?? time)) / 4)
  }
}

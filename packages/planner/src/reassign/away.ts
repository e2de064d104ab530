import type { Problem } from './problem'

/** How many processes of each service are away from their first machine: the most of any service is what costs. */
export class Away {
  /** The greatest number of processes of one service that are away. */
  most = 0
  readonly #price: number
  /** Per service: how many are away; and how many services have so many away. */
  readonly #away: Int32Array
  readonly #services: Int32Array

  constructor({ processes, services, service, initial, serviceMoveWeight }: Problem, at: Int32Array) {
    this.#price = serviceMoveWeight
    this.#away = new Int32Array(services)
    this.#services = new Int32Array(processes + 2)
    for (let p = 0; p < processes; p++) if (at[p] !== initial[p]) this.#away[service[p]!]!++
    for (let s = 0; s < services; s++) {
      this.#services[this.#away[s]!]!++
      this.most = Math.max(this.most, this.#away[s]!)
    }
  }

  /** Change of the cost when one more (1) or one fewer (−1) process of service s is away. */
  delta(s: number, change: number): number {
    if (change === 0) return 0
    const away = this.#away[s]!
    if (away !== this.most) return 0
    if (change > 0) return this.#price
    return this.#services[away] === 1 ? -this.#price : 0
  }

  /** One more (1) or one fewer (−1) process of service s is away. */
  moved(s: number, change: 1 | -1): void {
    const away = this.#away[s]!
    const now = away + change
    this.#away[s] = now
    this.#services[away]!--
    this.#services[now]!++
    if (now > this.most) this.most = now
    else while (this.most > 0 && this.#services[this.most] === 0) this.most--
  }
}

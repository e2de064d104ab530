import type { Assignment } from './assignment'
import { Best } from './best'
import type { Problem } from './problem'
import type { Random } from './random'

const tableBits = 12
/** −ln of a random number, by 12 random bits. */
const negativeLog = Float64Array.from(
  { length: 1 << tableBits },
  (_, i) => -Math.log((i + 0.5) / (1 << tableBits)),
)

/**
 * Simulated annealing over shifts (a process goes to another machine) and swaps (two processes change places). Every
 * step costs a few additions: the assignment counts along what its cost needs.
 */
export class Annealer {
  /** A change for the worse by this much is taken with probability 1/e. */
  temperature = 0
  /** What a broken location or dependency costs; infinite: none more is broken. */
  structurePrice = Number.POSITIVE_INFINITY
  /**
   * Price of the transient resources that a moved process still holds at home, as a share of their load weight. They are
   * lost to everybody, which the objective does not see: early in a search it pays to move few processes for them.
   */
  holdPrice = 0
  /** Share of shifts that go back to a process's first machine. */
  homeShare = 0
  readonly best: Best
  proposals = 0
  feasible = 0
  accepted = 0
  /** Per process: load weight of what it holds at home when moved. */
  readonly #held: Float64Array
  readonly #problem: Problem

  constructor(
    readonly state: Assignment,
    readonly random: Random,
  ) {
    const problem = state.problem
    const { resources, need, loadWeight, transient } = problem
    this.#problem = problem
    this.#held = new Float64Array(problem.processes)
    for (let i = 0; i < need.length; i++) {
      const r = i % resources
      if (transient[r]) this.#held[Math.floor(i / resources)]! += loadWeight[r]! * need[i]!
    }
    this.best = new Best(state.at)
    if (state.broken === 0) this.best.now(state.cost)
  }

  /** Makes so many proposals. */
  run(count: number): void {
    const { random } = this
    const { processes, machines, initial } = this.#problem
    for (let k = 0; k < count; k++) {
      const p = random.below(processes)
      const bits = random.bits()
      if (bits & 1) {
        const home = (bits >>> 8) / 16_777_216 < this.homeShare
        this.shift(p, home ? initial[p]! : random.below(machines))
      } else this.swap(p, random.below(processes))
    }
    this.proposals += count
  }

  /** The most by which the guided cost may rise now. */
  #limit(): number {
    return this.temperature * negativeLog[this.random.bits() >>> (32 - tableBits)]!
  }

  /** Proposes that process p goes to machine m. */
  shift(p: number, m: number): void {
    const { state } = this
    const { initial, service } = this.#problem
    const from = state.at[p]!
    if (m === from) return
    const s = service[p]!
    if (state.meets(s, m) || !state.fits(p, m, -1)) return
    const structure = state.structureDelta(s, from, m)
    if (structure > 0 && this.structurePrice === Number.POSITIVE_INFINITY) return
    const fromCost = state.costWith(from, p, -1)
    const toCost = state.costWith(m, -1, p)
    const first = initial[p]!
    const away = (m !== first ? 1 : 0) - (from !== first ? 1 : 0)
    const delta =
      fromCost -
      state.machineCost[from]! +
      toCost -
      state.machineCost[m]! +
      state.moveTerm(p, m) -
      state.moveTerm(p, from) +
      state.serviceDelta(s, away)
    this.feasible++
    let guided = delta + away * this.holdPrice * this.#held[p]!
    if (structure !== 0) guided += structure * this.structurePrice
    if (guided > 0 && guided > this.#limit()) return
    if (delta !== 0) this.accepted++
    this.best.leaves(p)
    state.relocate(p, m)
    state.machineCost[from] = fromCost
    state.machineCost[m] = toCost
    state.cost += delta
    state.broken += structure
    if (state.cost < this.best.cost && state.broken === 0) this.best.now(state.cost)
  }

  /** Proposes that processes p and q change places. */
  swap(p: number, q: number): void {
    const { state } = this
    const { initial, service } = this.#problem
    const a = state.at[p]!
    const b = state.at[q]!
    if (a === b) return
    const s = service[p]!
    const t = service[q]!
    if (s !== t && (state.meets(s, b) || state.meets(t, a))) return
    if (!state.fits(p, b, q) || !state.fits(q, a, p)) return
    const aCost = state.costWith(a, p, q)
    const bCost = state.costWith(b, q, p)
    const pAway = (b !== initial[p] ? 1 : 0) - (a !== initial[p] ? 1 : 0)
    const qAway = (a !== initial[q] ? 1 : 0) - (b !== initial[q] ? 1 : 0)
    const direct =
      aCost -
      state.machineCost[a]! +
      bCost -
      state.machineCost[b]! +
      state.moveTerm(p, b) -
      state.moveTerm(p, a) +
      state.moveTerm(q, a) -
      state.moveTerm(q, b)
    this.feasible++
    const hold = this.holdPrice * (pAway * this.#held[p]! + qAway * this.#held[q]!)
    const limit = this.#limit()
    if (state.broken === 0 && direct + hold > limit + this.#problem.serviceMoveWeight * 2) return
    let structure = 0
    const together = s === t
    const related = !together && state.related(s, t)
    if (!together) {
      structure = state.structureDelta(s, a, b)
      if (!related) structure += state.structureDelta(t, b, a)
      if (structure > 0 && this.structurePrice === Number.POSITIVE_INFINITY && !related) return
    }
    const before = state.mostAway
    this.best.leaves(p)
    state.relocate(p, b)
    if (related) structure += state.structureDelta(t, b, a)
    this.best.leaves(q)
    state.relocate(q, a)
    const delta = direct + this.#problem.serviceMoveWeight * (state.mostAway - before)
    let guided = delta + hold
    if (structure !== 0) guided += structure * this.structurePrice
    if (guided > limit) {
      this.best.leaves(q)
      state.relocate(q, b)
      this.best.leaves(p)
      state.relocate(p, a)
      return
    }
    if (delta !== 0) this.accepted++
    state.machineCost[a] = aCost
    state.machineCost[b] = bCost
    state.cost += delta
    state.broken += structure
    if (state.cost < this.best.cost && state.broken === 0) this.best.now(state.cost)
  }
}

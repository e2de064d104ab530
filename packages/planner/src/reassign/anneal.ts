import { Assignment } from './assignment'
import { Best } from './best'
import { exchange } from './exchange'
import type { Problem } from './problem'
import type { Random } from './random'

const tableBits = 12
/** −ln of a random number, by 12 random bits. */
const negativeLog = Float64Array.from(
  { length: 1 << tableBits },
  (_, i) => -Math.log((i + 0.5) / (1 << tableBits)),
)

/** How proposals are drawn. */
export interface Mix {
  /** Share of exchanges of a large process for several; of the rest, half are shifts and half swaps. */
  exchanges: number
  /** Share of shifts that go back to a process's first machine. */
  home: number
  /** Share of swaps within a service: they always keep the structure. */
  siblings: number
}

/**
 * Simulated annealing over shifts (a process goes to another machine), swaps (two processes change places) and exchanges
 * (one for several). A step costs a few additions: the assignment counts along what its cost needs.
 */
export class Annealer {
  /** A change for the worse by this much is taken with probability 1/e. */
  temperature = 0
  /** What a broken location or dependency costs; infinite: no more of them are broken than are already. */
  structurePrice = Number.POSITIVE_INFINITY
  /**
   * Price of the transient resources that a moved process still holds at home, as a share of their load weight. They are
   * lost to everybody, which the objective does not see: early in a search it pays to move few processes for them.
   */
  holdPrice = 0
  best: Best
  readonly problem: Problem
  proposals = 0
  /** Of the proposals that fit: those that the structure forbade, and the others. */
  unstructured = 0
  feasible = 0
  /** Per process: load weight of what it holds at home when moved. */
  readonly #held: Float64Array
  /** Processes by how much they need, the largest first. */
  readonly #bySize: Int32Array

  constructor(
    public state: Assignment,
    readonly random: Random,
    readonly mix: Mix,
  ) {
    const { problem } = state
    const { processes, resources, need, loadWeight, transient } = problem
    this.problem = problem
    this.#held = new Float64Array(processes)
    const size = new Float64Array(processes)
    for (let i = 0; i < need.length; i++) {
      const p = Math.floor(i / resources)
      const weighed = loadWeight[i % resources]! * need[i]!
      size[p]! += weighed
      if (transient[i % resources]) this.#held[p]! += weighed
    }
    this.#bySize = Int32Array.from(size.keys()).sort((a, b) => size[b]! - size[a]! || a - b)
    this.best = new Best(state.at)
    if (state.broken === 0) this.best.now(state.cost)
  }

  /** Goes back to the best. */
  restart(): void {
    this.state = new Assignment(this.problem, this.best.assignment())
    this.best = new Best(this.state.at)
    this.best.now(this.state.cost)
  }

  /** Makes so many proposals. */
  run(count: number): void {
    const { random, mix } = this
    const { processes, machines, initial, service, membersFrom, members } = this.problem
    for (let k = 0; k < count; k++) {
      const kind = random.unit()
      if (kind < mix.exchanges) {
        const large = random.unit() ** 3
        exchange(this, this.#bySize[Math.floor(large * processes)]!, random.below(machines))
        continue
      }
      const p = random.below(processes)
      const half = random.bits()
      const way = (half >>> 8) / 16_777_216
      if (half & 1) this.shift(p, way < mix.home ? initial[p]! : random.below(machines))
      else if (way < mix.siblings) {
        const from = membersFrom[service[p]!]!
        this.swap(p, members[from + random.below(membersFrom[service[p]! + 1]! - from)]!)
      } else this.swap(p, random.below(processes))
    }
    this.proposals += count
  }

  /** Proposes that process p goes to machine m. */
  shift(p: number, m: number): void {
    const { state } = this
    const { initial, service } = this.problem
    const from = state.at[p]!
    if (m === from) return
    const s = service[p]!
    if (state.structure.meets(s, m) || !state.fits(p, m, -1)) return
    const structure = state.structure.delta(s, from, m)
    if (structure > 0) {
      this.unstructured++
      if (this.structurePrice === Number.POSITIVE_INFINITY) return
    }
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
      state.away.delta(s, away)
    this.feasible++
    if (!this.takes(delta, away * this.#held[p]!, structure, this.limit())) return
    this.best.leaves(p)
    state.relocate(p, m)
    this.took(from, fromCost, m, toCost, delta, structure)
  }

  /** Proposes that processes p and q change places. */
  swap(p: number, q: number): void {
    const { state } = this
    const { service, serviceMoveWeight } = this.problem
    const a = state.at[p]!
    const b = state.at[q]!
    if (a === b) return
    const s = service[p]!
    const t = service[q]!
    if (s !== t && (state.structure.meets(s, b) || state.structure.meets(t, a))) return
    if (!state.fits(p, b, q) || !state.fits(q, a, p)) return
    const aCost = state.costWith(a, p, q)
    const bCost = state.costWith(b, q, p)
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
    const held = this.holds(p, a, b) + this.holds(q, b, a)
    const limit = this.limit()
    // Most swaps end here: what is still unknown could not make them good enough.
    if (state.broken === 0 && !this.takes(direct - 2 * serviceMoveWeight, held, 0, limit)) return
    let structure = 0
    const related = s !== t && state.structure.related(s, t)
    if (s !== t) {
      structure = state.structure.delta(s, a, b)
      if (!related) {
        structure += state.structure.delta(t, b, a)
        if (structure > 0 && this.structurePrice === Number.POSITIVE_INFINITY) return
      }
    }
    const mostAway = state.away.most
    this.best.leaves(p)
    state.relocate(p, b)
    if (related) structure += state.structure.delta(t, b, a)
    this.best.leaves(q)
    state.relocate(q, a)
    const delta = direct + serviceMoveWeight * (state.away.most - mostAway)
    if (this.takes(delta, held, structure, limit)) {
      this.took(a, aCost, b, bCost, delta, structure)
      return
    }
    this.best.leaves(q)
    state.relocate(q, b)
    this.best.leaves(p)
    state.relocate(p, a)
  }

  /** The most by which the guided cost may rise now. */
  limit(): number {
    return this.temperature * negativeLog[this.random.bits() >>> (32 - tableBits)]!
  }

  /** Whether a change is taken: its cost, what it holds at home, and its breaks, against what the cost may rise. */
  takes(delta: number, held: number, structure: number, limit: number): boolean {
    let guided = delta + this.holdPrice * held
    if (structure !== 0) guided += structure * this.structurePrice
    return guided <= 0 || guided <= limit
  }

  /** What process p holds at home more when it goes from machine a to b. */
  holds(p: number, a: number, b: number): number {
    const first = this.problem.initial[p]
    return a === first ? this.#held[p]! : b === first ? -this.#held[p]! : 0
  }

  /** Enters a change that was made between machines a and b. */
  took(a: number, aCost: number, b: number, bCost: number, delta: number, structure: number): void {
    const { state, best } = this
    state.machineCost[a] = aCost
    state.machineCost[b] = bCost
    state.cost += delta
    state.broken += structure
    if (state.cost < best.cost && state.broken === 0) best.now(state.cost)
  }
}

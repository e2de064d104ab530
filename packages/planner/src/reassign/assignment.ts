import { Away } from './away'
import type { Problem } from './problem'
import { Structure } from './structure'

/**
 * An assignment that changes by single processes, with everything that its cost and its constraints need counted along.
 * Nothing here decides anything; whoever moves a process asks `fits` and `structure` first.
 */
export class Assignment {
  readonly at: Int32Array
  /** `[machine, resource]`: used − safety capacity. */
  readonly over: Float64Array
  /** `[machine, resource]`: capacity − used − what processes that left still hold of a transient resource. */
  readonly room: Float64Array
  /** Cost of load and balance per machine. */
  readonly machineCost: Float64Array
  /** The objective of the challenge. */
  cost = 0
  /** Locations short of a service's spread, and services missed by another in a neighbourhood, together. */
  broken = 0

  /** The processes of a machine, in a chain: the first of machine m, and after process p the next (−1: none). */
  readonly firstOn: Int32Array
  readonly nextOn: Int32Array
  readonly #beforeOn: Int32Array
  /** `[machine, resource]`: capacity − safety capacity; free of a resource is this − over. */
  readonly #margin: Float64Array
  readonly #need: Float64Array
  readonly #resources: number
  readonly #machines: number
  readonly #transient: Uint8Array
  readonly #weight: Float64Array
  readonly #balances: number
  /** What a machine would use over its safety capacity while a move is looked at. */
  readonly #trial: Float64Array
  /** Where services are. */
  readonly structure: Structure
  /** How many of each service are away from home. */
  readonly away: Away

  constructor(
    readonly problem: Problem,
    at: ArrayLike<number> = problem.initial,
  ) {
    const { machines, resources, processes } = problem
    this.at = Int32Array.from(at)
    this.firstOn = new Int32Array(machines).fill(-1)
    this.nextOn = new Int32Array(processes)
    this.#beforeOn = new Int32Array(processes)
    this.#need = problem.need
    this.#resources = resources
    this.#machines = machines
    this.#transient = problem.transient
    this.#weight = problem.loadWeight
    this.#balances = problem.balances
    this.#trial = new Float64Array(resources)
    this.#margin = problem.capacity.map((capacity, i) => capacity - problem.safety[i]!)
    this.over = problem.safety.map((safety) => -safety)
    this.room = Float64Array.from(problem.capacity)
    this.machineCost = new Float64Array(machines)
    this.structure = new Structure(problem, this.at)
    this.away = new Away(problem, this.at)
    this.broken = this.structure.broken()
    for (let p = 0; p < processes; p++) this.#stand(p)
    for (let m = 0; m < machines; m++) {
      this.machineCost[m] = this.costWith(m, -1, -1)
      this.cost += this.machineCost[m]!
    }
    for (let p = 0; p < processes; p++) this.cost += this.moveTerm(p, this.at[p]!)
    this.cost += problem.serviceMoveWeight * this.away.most
  }

  #stand(p: number): void {
    const { problem } = this
    const m = this.at[p]!
    const first = problem.initial[p]!
    for (let r = 0; r < this.#resources; r++) {
      const need = this.#need[p * this.#resources + r]!
      this.over[m * this.#resources + r]! += need
      this.room[m * this.#resources + r]! -= need
      if (m !== first && this.#transient[r]) this.room[first * this.#resources + r]! -= need
    }
    this.#chain(p, m)
  }

  #chain(p: number, m: number): void {
    const next = this.firstOn[m]!
    this.nextOn[p] = next
    this.#beforeOn[p] = -1
    if (next >= 0) this.#beforeOn[next] = p
    this.firstOn[m] = p
  }

  #unchain(p: number, m: number): void {
    const next = this.nextOn[p]!
    const before = this.#beforeOn[p]!
    if (next >= 0) this.#beforeOn[next] = before
    if (before >= 0) this.nextOn[before] = next
    else this.firstOn[m] = next
  }

  /** Load and balance of machine m without process `out` and with process `put` (−1: none). */
  costWith(m: number, out: number, put: number): number {
    const resources = this.#resources
    const trial = this.#trial
    const need = this.#need
    const over = this.over
    const weight = this.#weight
    const row = m * resources
    const outRow = out * resources
    const putRow = put * resources
    let cost = 0
    for (let r = 0; r < resources; r++) {
      let excess = over[row + r]!
      if (out >= 0) excess -= need[outRow + r]!
      if (put >= 0) excess += need[putRow + r]!
      trial[r] = excess
      if (excess > 0) cost += weight[r]! * excess
    }
    if (this.#balances === 0) return cost
    const { balanceFirst, balanceSecond, balanceTarget, balanceWeight } = this.problem
    const margin = this.#margin
    for (let b = 0; b < this.#balances; b++) {
      const first = balanceFirst[b]!
      const second = balanceSecond[b]!
      const short =
        balanceTarget[b]! * (margin[row + first]! - trial[first]!) - (margin[row + second]! - trial[second]!)
      if (short > 0) cost += balanceWeight[b]! * short
    }
    return cost
  }

  /** Whether machine m has room for process p when process `out` (−1: none) leaves it. */
  fits(p: number, m: number, out: number): boolean {
    const resources = this.#resources
    const need = this.#need
    const room = this.room
    const transient = this.#transient
    const { initial } = this.problem
    const row = m * resources
    const needRow = p * resources
    const comesHome = initial[p] === m
    if (out < 0) {
      for (let r = 0; r < resources; r++)
        if (need[needRow + r]! > room[row + r]! && !(comesHome && transient[r] === 1)) return false
      return true
    }
    const outRow = out * resources
    const leavesHome = initial[out] === m
    for (let r = 0; r < resources; r++) {
      let left = room[row + r]!
      const keeps = transient[r] === 1
      if (!(leavesHome && keeps)) left += need[outRow + r]!
      if (need[needRow + r]! > left && !(comesHome && keeps)) return false
    }
    return true
  }

  /** What it costs that process p is on machine m, by its own move cost and the machines'. */
  moveTerm(p: number, m: number): number {
    const { initial, moveCost, machineMoveCost, processMoveWeight, machineMoveWeight } = this.problem
    const first = initial[p]!
    if (m === first) return 0
    return processMoveWeight * moveCost[p]! + machineMoveWeight * machineMoveCost[first * this.#machines + m]!
  }

  /** What the cost changes by when process p goes to machine m; infinite where it does not fit or breaks something. */
  shiftDelta(p: number, m: number): number {
    const { initial, service } = this.problem
    const from = this.at[p]!
    const s = service[p]!
    if (m === from || this.structure.meets(s, m)) return Number.POSITIVE_INFINITY
    if (!this.fits(p, m, -1) || this.structure.delta(s, from, m) > 0) return Number.POSITIVE_INFINITY
    const away = (m === initial[p] ? 0 : 1) - (from === initial[p] ? 0 : 1)
    return (
      this.costWith(from, p, -1) -
      this.machineCost[from]! +
      this.costWith(m, -1, p) -
      this.machineCost[m]! +
      this.moveTerm(p, m) -
      this.moveTerm(p, from) +
      this.away.delta(s, away)
    )
  }

  /** Puts process p on machine m. Costs are the caller's to set; `broken` too. */
  relocate(p: number, m: number): void {
    const { initial, service } = this.problem
    const resources = this.#resources
    const from = this.at[p]!
    const s = service[p]!
    const leaves = from === initial[p]
    const returns = m === initial[p]
    const { over, room } = this
    for (let r = 0; r < resources; r++) {
      const need = this.#need[p * resources + r]!
      const keeps = this.#transient[r] === 1
      over[from * resources + r]! -= need
      over[m * resources + r]! += need
      if (!(keeps && leaves)) room[from * resources + r]! += need
      if (!(keeps && returns)) room[m * resources + r]! -= need
    }
    this.#unchain(p, from)
    this.#chain(p, m)
    this.at[p] = m
    this.structure.moved(s, from, m)
    if (leaves !== returns) this.away.moved(s, leaves ? 1 : -1)
  }
}

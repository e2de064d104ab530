import type { Problem } from './problem'

/**
 * An assignment that changes by single processes, with everything that its cost and its constraints need counted along.
 * Nothing here decides anything; whoever moves a process asks `fits`, `meets` and `structureDelta` first.
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
  /** Services of several processes have a row in the three counts below; −1 for others. */
  readonly #row: Int32Array
  readonly #onMachine: Uint16Array
  readonly #inLocation: Uint16Array
  readonly #inNeighbourhood: Uint16Array
  /** Per row: how many locations. */
  readonly #spread: Int32Array
  /** Per service: how many processes are away from their first machine; and how many services have so many away. */
  readonly #away: Int32Array
  readonly #awayCount: Int32Array
  #mostAway = 0

  constructor(
    readonly problem: Problem,
    at: ArrayLike<number> = problem.initial,
  ) {
    const { machines, resources, processes, services, membersFrom } = problem
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
    this.#row = new Int32Array(services).fill(-1)
    let rows = 0
    for (let s = 0; s < services; s++) if (membersFrom[s + 1]! - membersFrom[s]! > 1) this.#row[s] = rows++
    this.#onMachine = new Uint16Array(rows * machines)
    this.#inLocation = new Uint16Array(rows * problem.locations)
    this.#inNeighbourhood = new Uint16Array(rows * problem.neighbourhoods)
    this.#spread = new Int32Array(rows)
    this.#away = new Int32Array(services)
    this.#awayCount = new Int32Array(processes + 2)
    for (let p = 0; p < processes; p++) this.#stand(p)
    for (let s = 0; s < services; s++) {
      this.#awayCount[this.#away[s]!]!++
      this.#mostAway = Math.max(this.#mostAway, this.#away[s]!)
      this.broken += this.#brokenBy(s)
    }
    for (let m = 0; m < machines; m++) {
      this.machineCost[m] = this.costWith(m, -1, -1)
      this.cost += this.machineCost[m]!
    }
    for (let p = 0; p < processes; p++) this.cost += this.moveTerm(p, this.at[p]!)
    this.cost += problem.serviceMoveWeight * this.#mostAway
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
    const s = problem.service[p]!
    this.#chain(p, m)
    if (m !== first) this.#away[s]!++
    const row = this.#row[s]!
    if (row < 0) return
    this.#onMachine[row * this.#machines + m]!++
    if (this.#inLocation[row * problem.locations + problem.location[m]!]!++ === 0) this.#spread[row]!++
    this.#inNeighbourhood[row * problem.neighbourhoods + problem.neighbourhood[m]!]!++
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

  #brokenBy(s: number): number {
    const { problem } = this
    const { membersFrom, members, neighbourhood, dependsFrom, dependsOn } = problem
    const row = this.#row[s]!
    const size = membersFrom[s + 1]! - membersFrom[s]!
    let broken = Math.max(0, problem.spreadMin[s]! - (row < 0 ? size : this.#spread[row]!))
    if (dependsFrom[s] === dependsFrom[s + 1]) return broken
    const near = new Set<number>()
    for (let k = membersFrom[s]!; k < membersFrom[s + 1]!; k++)
      near.add(neighbourhood[this.at[members[k]!]!]!)
    for (const n of near)
      for (let k = dependsFrom[s]!; k < dependsFrom[s + 1]!; k++) if (!this.#has(dependsOn[k]!, n)) broken++
    return broken
  }

  /** Processes of service s in neighbourhood n; of a service of one process: 0 or 1. */
  #count(s: number, n: number): number {
    const { problem } = this
    const row = this.#row[s]!
    if (row >= 0) return this.#inNeighbourhood[row * problem.neighbourhoods + n]!
    const from = problem.membersFrom[s]!
    if (from === problem.membersFrom[s + 1]) return 0
    return problem.neighbourhood[this.at[problem.members[from]!]!] === n ? 1 : 0
  }

  #has(s: number, n: number): boolean {
    return this.#count(s, n) > 0
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

  /** Whether a process of service s runs on machine m; a service of one process never meets itself. */
  meets(s: number, m: number): boolean {
    const row = this.#row[s]!
    return row >= 0 && this.#onMachine[row * this.#machines + m]! > 0
  }

  /** By how much `broken` changes when a process of service s goes from one machine to another. */
  structureDelta(s: number, from: number, to: number): number {
    const { problem } = this
    const row = this.#row[s]!
    let delta = 0
    if (row >= 0) {
      const a = problem.location[from]!
      const b = problem.location[to]!
      const wanted = problem.spreadMin[s]!
      if (a !== b && wanted > 1) {
        const base = row * problem.locations
        const now = this.#spread[row]!
        const then =
          now - (this.#inLocation[base + a] === 1 ? 1 : 0) + (this.#inLocation[base + b] === 0 ? 1 : 0)
        delta = Math.max(0, wanted - then) - Math.max(0, wanted - now)
      }
    }
    const a = problem.neighbourhood[from]!
    const b = problem.neighbourhood[to]!
    if (a === b) return delta
    const { dependsFrom, dependsOn, neededFrom, neededBy } = problem
    const needs = dependsFrom[s]!
    const needsEnd = dependsFrom[s + 1]!
    const needed = neededFrom[s]!
    const neededEnd = neededFrom[s + 1]!
    if (needs === needsEnd && needed === neededEnd) return delta
    if (row < 0 || this.#count(s, b) === 0) {
      for (let k = needs; k < needsEnd; k++) if (!this.#has(dependsOn[k]!, b)) delta++
      for (let k = needed; k < neededEnd; k++) if (this.#has(neededBy[k]!, b)) delta--
    }
    if (row < 0 || this.#count(s, a) === 1) {
      for (let k = needs; k < needsEnd; k++) if (!this.#has(dependsOn[k]!, a)) delta--
      for (let k = needed; k < neededEnd; k++) if (this.#has(neededBy[k]!, a)) delta++
    }
    return delta
  }

  /** Whether one of the services depends on the other. */
  related(s: number, q: number): boolean {
    const { dependsFrom, dependsOn, neededFrom, neededBy } = this.problem
    for (let k = dependsFrom[s]!; k < dependsFrom[s + 1]!; k++) if (dependsOn[k] === q) return true
    for (let k = neededFrom[s]!; k < neededFrom[s + 1]!; k++) if (neededBy[k] === q) return true
    return false
  }

  /** What it costs that process p is on machine m, by its own move cost and the machines'. */
  moveTerm(p: number, m: number): number {
    const { initial, moveCost, machineMoveCost, processMoveWeight, machineMoveWeight } = this.problem
    const first = initial[p]!
    if (m === first) return 0
    return processMoveWeight * moveCost[p]! + machineMoveWeight * machineMoveCost[first * this.#machines + m]!
  }

  /** Change of the cost of services when one more (1) or one fewer (−1) process of service s is away. */
  serviceDelta(s: number, change: number): number {
    if (change === 0) return 0
    const away = this.#away[s]!
    if (away !== this.#mostAway) return 0
    if (change > 0) return this.problem.serviceMoveWeight
    return this.#awayCount[away] === 1 ? -this.problem.serviceMoveWeight : 0
  }

  /** What the cost changes by when process p goes to machine m; infinite where it does not fit or breaks something. */
  shiftDelta(p: number, m: number): number {
    const { initial, service } = this.problem
    const from = this.at[p]!
    const s = service[p]!
    if (m === from || this.meets(s, m) || !this.fits(p, m, -1) || this.structureDelta(s, from, m) > 0)
      return Number.POSITIVE_INFINITY
    const away = (m === initial[p] ? 0 : 1) - (from === initial[p] ? 0 : 1)
    return (
      this.costWith(from, p, -1) -
      this.machineCost[from]! +
      this.costWith(m, -1, p) -
      this.machineCost[m]! +
      this.moveTerm(p, m) -
      this.moveTerm(p, from) +
      this.serviceDelta(s, away)
    )
  }

  /** The greatest number of processes of one service that are away. */
  get mostAway(): number {
    return this.#mostAway
  }

  /** Puts process p on machine m. Costs are the caller's to set; `broken` too. */
  relocate(p: number, m: number): void {
    const { problem } = this
    const { initial, location, neighbourhood, locations, neighbourhoods } = problem
    const resources = this.#resources
    const from = this.at[p]!
    const s = problem.service[p]!
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
    const row = this.#row[s]!
    if (row >= 0) {
      this.#onMachine[row * this.#machines + from]!--
      this.#onMachine[row * this.#machines + m]!++
      const a = row * locations + location[from]!
      const b = row * locations + location[m]!
      if (--this.#inLocation[a]! === 0) this.#spread[row]!--
      if (this.#inLocation[b]!++ === 0) this.#spread[row]!++
      this.#inNeighbourhood[row * neighbourhoods + neighbourhood[from]!]!--
      this.#inNeighbourhood[row * neighbourhoods + neighbourhood[m]!]!++
    }
    if (leaves === returns) return
    const away = this.#away[s]!
    const now = leaves ? away + 1 : away - 1
    this.#away[s] = now
    this.#awayCount[away]!--
    this.#awayCount[now]!++
    if (now > this.#mostAway) this.#mostAway = now
    else while (this.#mostAway > 0 && this.#awayCount[this.#mostAway] === 0) this.#mostAway--
  }
}

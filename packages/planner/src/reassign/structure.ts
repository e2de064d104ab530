import type { Problem } from './problem'

/**
 * Where the services of an assignment are, counted along as single processes move: on which machines, in how many locations, in
 * which neighbourhoods. Answers whether two of a service meet, and what becomes broken of spreads and dependencies.
 */
export class Structure {
  /** Services of several processes have a row in the counts below; −1 for others. */
  readonly #row: Int32Array
  readonly #machines: number
  readonly #onMachine: Uint16Array
  readonly #inLocation: Uint16Array
  readonly #inNeighbourhood: Uint16Array
  /** Per row: how many locations. */
  readonly #spread: Int32Array

  /** `at`: the assignment's own, which it goes on changing. */
  constructor(
    readonly problem: Problem,
    readonly at: Int32Array,
  ) {
    const { machines, processes, services, membersFrom, service } = problem
    this.#machines = machines
    this.#row = new Int32Array(services).fill(-1)
    let rows = 0
    for (let s = 0; s < services; s++) if (membersFrom[s + 1]! - membersFrom[s]! > 1) this.#row[s] = rows++
    this.#onMachine = new Uint16Array(rows * machines)
    this.#inLocation = new Uint16Array(rows * problem.locations)
    this.#inNeighbourhood = new Uint16Array(rows * problem.neighbourhoods)
    this.#spread = new Int32Array(rows)
    for (let p = 0; p < processes; p++) if (this.#row[service[p]!]! >= 0) this.#enter(service[p]!, at[p]!)
  }

  /** Locations short of the services' spreads, and services missed by another in a neighbourhood; counted afresh. */
  broken(): number {
    let broken = 0
    for (let s = 0; s < this.problem.services; s++) broken += this.#brokenBy(s)
    return broken
  }

  #brokenBy(s: number): number {
    const { membersFrom, members, neighbourhood, dependsFrom, dependsOn, spreadMin } = this.problem
    const row = this.#row[s]!
    const size = membersFrom[s + 1]! - membersFrom[s]!
    let broken = Math.max(0, spreadMin[s]! - (row < 0 ? size : this.#spread[row]!))
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

  /** Whether a process of service s runs on machine m; a service of one process never meets itself. */
  meets(s: number, m: number): boolean {
    const row = this.#row[s]!
    return row >= 0 && this.#onMachine[row * this.#machines + m]! > 0
  }

  /** Whether one of the services depends on the other. */
  related(s: number, q: number): boolean {
    const { dependsFrom, dependsOn, neededFrom, neededBy } = this.problem
    for (let k = dependsFrom[s]!; k < dependsFrom[s + 1]!; k++) if (dependsOn[k] === q) return true
    for (let k = neededFrom[s]!; k < neededFrom[s + 1]!; k++) if (neededBy[k] === q) return true
    return false
  }

  /** By how much `broken` changes when a process of service s goes from one machine to another. */
  delta(s: number, from: number, to: number): number {
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

  /** A process of service s has gone from one machine to another. */
  moved(s: number, from: number, to: number): void {
    const row = this.#row[s]!
    if (row < 0) return
    const { location, locations, neighbourhood, neighbourhoods } = this.problem
    this.#onMachine[row * this.#machines + from]!--
    if (--this.#inLocation[row * locations + location[from]!]! === 0) this.#spread[row]!--
    this.#inNeighbourhood[row * neighbourhoods + neighbourhood[from]!]!--
    this.#enter(s, to)
  }

  #enter(s: number, m: number): void {
    const row = this.#row[s]!
    const { location, locations, neighbourhood, neighbourhoods } = this.problem
    this.#onMachine[row * this.#machines + m]!++
    if (this.#inLocation[row * locations + location[m]!]!++ === 0) this.#spread[row]!++
    this.#inNeighbourhood[row * neighbourhoods + neighbourhood[m]!]!++
  }
}

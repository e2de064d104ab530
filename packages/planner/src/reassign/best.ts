/**
 * The best assignment of a search that goes on from it. Copying it whenever it gets better would cost more than the
 * search: instead the moves since then are kept, and undone on a copy only when they have become too many, or at the end.
 */
export class Best {
  cost = Number.POSITIVE_INFINITY
  readonly #saved: Int32Array
  readonly #moved: Int32Array
  readonly #from: Int32Array
  #moves = 0
  #follows = false

  /** `at`: the search's own, which it goes on changing. */
  constructor(readonly at: Int32Array) {
    this.#saved = Int32Array.from(at)
    this.#moved = new Int32Array(at.length)
    this.#from = new Int32Array(at.length)
  }

  /** The assignment as it is now is the best. */
  now(cost: number): void {
    this.cost = cost
    this.#moves = 0
    this.#follows = true
  }

  /** To be called before process p leaves where it is. */
  leaves(p: number): void {
    if (!this.#follows) return
    if (this.#moves === this.#moved.length) {
      this.assignment()
      this.#follows = false
      return
    }
    this.#moved[this.#moves] = p
    this.#from[this.#moves++] = this.at[p]!
  }

  /** The best assignment; overwritten by the next call. */
  assignment(): Int32Array {
    if (!this.#follows) return this.#saved
    this.#saved.set(this.at)
    for (let i = this.#moves - 1; i >= 0; i--) this.#saved[this.#moved[i]!] = this.#from[i]!
    return this.#saved
  }
}

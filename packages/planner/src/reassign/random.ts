/** A generator that is the same for a seed everywhere, and quick (xorshift, 32 bits). */
export class Random {
  #state: number

  constructor(seed: number) {
    let mixed = (seed + 0x9e3779b9) >>> 0
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
    this.#state = (mixed ^ (mixed >>> 16)) >>> 0 || 1
  }

  /** 32 random bits, never all 0. */
  bits(): number {
    let x = this.#state
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    this.#state = x
    return x >>> 0
  }

  /** A whole number from 0 to below `end`. */
  below(end: number): number {
    return Math.floor((this.bits() / 4_294_967_296) * end)
  }

  /** A number from 0 to below 1. */
  unit(): number {
    return this.bits() / 4_294_967_296
  }
}

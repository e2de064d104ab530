/**
 * Random numbers that are a function of a seed: sfc32 (Chris Doty-Humphrey, PractRand), its state filled by
 * splitmix32 so that neighbouring seeds have nothing in common.
 */
export class Random {
  private a: number
  private b: number
  private c: number
  private counter = 1

  constructor(seed: number) {
    const fill = splitmix32(seed)
    this.a = fill()
    this.b = fill()
    this.c = fill()
    for (let i = 0; i < 12; i++) this.bits()
  }

  /** 0 ≤ x < 1. */
  next(): number {
    return this.bits() / 0x1_0000_0000
  }

  /** A whole number, both ends included. */
  between(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1))
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  /** One of them; throws when there are none, because the caller should have looked. */
  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new Error('nothing to pick from')
    return items[this.between(0, items.length - 1)]!
  }

  /** One key by its weight. */
  weighted<K extends string>(weights: Record<K, number>): K {
    const entries = Object.entries(weights) as [K, number][]
    let left = this.next() * entries.reduce((sum, [, weight]) => sum + weight, 0)
    for (const [key, weight] of entries) {
      left -= weight
      if (left < 0) return key
    }
    return entries.at(-1)![0]
  }

  /** A source of its own, so that what one part draws does not shift what another one gets. */
  fork(): Random {
    return new Random(this.bits())
  }

  /** `bytes` random bytes in hex. */
  hex(bytes: number): string {
    let text = ''
    for (let i = 0; i < bytes; i++) text += this.between(0, 255).toString(16).padStart(2, '0')
    return text
  }

  /** In the form of a version 4 UUID. */
  uuid(): string {
    const hex = this.hex(16)
    const variant = '89ab'[this.between(0, 3)]
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`
  }

  private bits(): number {
    const sum = (this.a + this.b + this.counter++) | 0
    this.a = this.b ^ (this.b >>> 9)
    this.b = (this.c + (this.c << 3)) | 0
    this.c = (this.c << 21) | (this.c >>> 11)
    this.c = (this.c + sum) | 0
    return sum >>> 0
  }
}

function splitmix32(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x9e3779b9) | 0
    let z = state ^ (state >>> 16)
    z = Math.imul(z, 0x21f0aaad)
    z ^= z >>> 15
    z = Math.imul(z, 0x735a2d97)
    return (z ^ (z >>> 15)) | 0
  }
}

/** Numbers that look random and are a function of their arguments: the same seed gives the same data centre. */

/** A 32-bit seed from any text (FNV-1a). */
export function seedOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) {
    hash ^= text.charCodeAt(i)
    hash = Math.imul(hash, 0x01000193)
  }
  return hash >>> 0
}

/** 0 ≤ x < 1 for a seed and a place in its sequence. */
export function at(seed: number, place: number): number {
  let x = (seed ^ Math.imul(place | 0, 0x9e3779b1)) >>> 0
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return ((x ^ (x >>> 16)) >>> 0) / 0x1_0000_0000
}

/** A smooth curve through one random value (0 to 1) per `periodMs`. */
export function noise(seed: number, now: number, periodMs: number): number {
  const place = now / periodMs
  const left = Math.floor(place)
  const t = place - left
  const weight = t * t * (3 - 2 * t)
  return at(seed, left) * (1 - weight) + at(seed, left + 1) * weight
}

/** A stream of numbers 0 ≤ x < 1 from a seed. */
export function stream(seed: number): () => number {
  let place = 0
  return () => at(seed, place++)
}

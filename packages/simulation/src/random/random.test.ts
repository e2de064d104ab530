import { describe, expect, it } from 'vitest'
import { Random } from './random'

describe('random numbers from a seed', () => {
  it('are the same for the same seed and others for its neighbour', () => {
    const draw = (seed: number) => {
      const random = new Random(seed)
      return Array.from({ length: 8 }, () => random.between(0, 1_000_000))
    }
    expect(draw(7)).toEqual(draw(7))
    expect(draw(7)).not.toEqual(draw(8))
    expect(new Set(Array.from({ length: 200 }, (_, seed) => draw(seed).join())).size).toBe(200)
  })

  it('spread over the whole range', () => {
    const random = new Random(1)
    const seen = new Map<number, number>()
    for (let i = 0; i < 6_000; i++) {
      const n = random.between(1, 6)
      seen.set(n, (seen.get(n) ?? 0) + 1)
    }
    expect([...seen.keys()].sort()).toEqual([1, 2, 3, 4, 5, 6])
    for (const count of seen.values()) expect(Math.abs(count - 1_000)).toBeLessThan(150)
  })

  it('make version 4 UUIDs', () => {
    expect(new Random(3).uuid()).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    )
  })
})

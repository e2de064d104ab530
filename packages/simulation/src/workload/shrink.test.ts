import { describe, expect, it } from 'vitest'
import type { Planned } from './plan'
import { shrink } from './shrink'

const plan: Planned[] = Array.from({ length: 40 }, (_, i) => ({
  atMs: i * 1_000,
  action: { kind: 'store away', forMs: i },
}))

describe('shrinking', () => {
  it('keeps only what a failure needs', async () => {
    const needs = (tried: Planned[]): boolean =>
      [7, 31].every((at) => tried.some((one) => one.atMs === at * 1_000))
    const short = await shrink(plan, async (tried) => needs(tried))
    expect(short.map((one) => one.atMs)).toEqual([7_000, 31_000])
  })

  it('stops after as many runs as it was given', async () => {
    let runs = 0
    await shrink(plan, async () => ++runs < 0, 10)
    expect(runs).toBe(10)
  })
})

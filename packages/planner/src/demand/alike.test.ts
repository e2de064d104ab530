import { describe, expect, it } from 'vitest'
import { levelsAlike } from './alike'
import { steadyLevel } from './steady'

describe('levels of demand', () => {
  it('a level fades what is old, and leans on a prior while it has seen little', () => {
    expect(steadyLevel([])).toEqual({ mean: 0, sd: 0, samples: 0 })
    expect(steadyLevel([1, 3])).toEqual({ mean: 2, sd: Math.SQRT2, samples: 2 })
    expect(steadyLevel([0, 0, 0, 4, 4], { halfLife: 1 }).mean).toBeGreaterThan(2.5)
    const prior = { mean: 10, sd: 1, weight: 2 }
    expect(steadyLevel([0, 0], { prior }).mean).toBe(5)
    expect(steadyLevel(Array(200).fill(0), { prior }).mean).toBeLessThan(0.2)
  })

  it('many alike: the rise of all is believed before that of one', () => {
    const quiet = [...Array(40).keys()].map((i) => ({
      samples: Array.from({ length: 60 }, (_, k) => 0.2 + 0.05 * Math.sin(i + k * (1 + (i % 7)))),
      size: 1_000,
    }))
    const risen = quiet.map(({ samples, size }) => ({
      samples: samples.map((one, k) => (k >= 48 ? one * 1.5 : one)),
      size,
    }))
    const sum = (all: { mean: number }[]) => all.reduce((total, { mean }) => total + mean, 0)
    expect(sum(levelsAlike(quiet)) / 8_000).toBeCloseTo(1, 1)
    expect(sum(levelsAlike(risen)) / sum(levelsAlike(quiet))).toBeCloseTo(1.5, 1)
    expect(levelsAlike([])).toEqual([])
  })
})

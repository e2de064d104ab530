import { describe, expect, it } from 'vitest'
import { randomOf } from '../testing/random'
import { levelsAlike } from './alike'
import { defaultEstimate, estimateDemand } from './estimate'
import { weightedPercentile } from './percentile'
import { steadyLevel } from './steady'
import { trendOf } from './trend'
import type { DemandWindow } from './window'

const minute = 60_000
const day = 24 * 60 * minute
const at = 100 * day
const ask = { ...defaultEstimate, at }

/** Windows of five minutes that end now, the newest last. */
function ending(values: readonly number[], more: Partial<DemandWindow> = {}, end = at): DemandWindow[] {
  const widthMs = 5 * minute
  return values.map((avg, i) => ({ at: end - (values.length - i) * widthMs, widthMs, avg, ...more }))
}

const flat = (value: number) => Array.from({ length: 12 }, () => value)

describe('an estimate of demand', () => {
  it('is nothing without a history, and says so', () => {
    const { value, basis } = estimateDemand([], ask)
    expect([value, basis.decidedBy, basis.fromAt]).toEqual([0, 'none', null])
  })

  it('is a high percentile of lately, not the last sample', () => {
    const { value, basis } = estimateDemand(ending([4, 4, 4, ...flat(1).slice(4), 0]), ask)
    expect(value).toBe(4)
    expect(basis).toMatchObject({ decidedBy: 'recent', windows: 12, fromAt: at - 60 * minute, untilAt: at })
  })

  it('goes on with a rise, is not turned by one outlier, and does not count on a fall', () => {
    const rising = estimateDemand(ending([...Array(12).keys()].map((i) => 1 + i * 0.1)), ask)
    expect(rising.basis.decidedBy).toBe('trend')
    expect(rising.basis.trend!.perHour).toBeCloseTo(1.2)
    expect(rising.value).toBeCloseTo(2.1 + 0.1 * 3.5)
    const spiky = ending(flat(1)).map((one, i) => ({ ...one, avg: i === 6 ? 9 : 1 }))
    expect(estimateDemand(spiky, ask).basis.trend).toBeNull()
    const falling = ending([...Array(12).keys()].map((i) => 3 - i * 0.1))
    expect(estimateDemand(falling, ask).value).toBe(3)
  })

  it('reckons with what is usual at this time of day, from two days on', () => {
    const peak = (days: number) => ending([6, 6, 6], {}, at - days * day + 15 * minute)
    const now = ending(flat(1))
    expect(estimateDemand([...peak(1), ...now], ask).value).toBe(1)
    const { value, basis } = estimateDemand([...peak(1), ...peak(2), ...now], ask)
    expect(value).toBe(6)
    expect(basis).toMatchObject({ decidedBy: 'timeOfDay', timeOfDay: { days: 2 } })
  })

  it('counts what it waited for before what it used', () => {
    const { value, mean, basis } = estimateDemand(ending(flat(1), { waiting: 0.5 }), ask)
    expect([value, mean]).toEqual([2, 2])
    expect(basis).toMatchObject({ waiting: 0.5, raisedBy: 1 })
    expect(estimateDemand(ending(flat(1), { waiting: 1 }), ask).value).toBeCloseTo(10)
  })

  it('is never more than it has been given', () => {
    const { value, basis } = estimateDemand(ending(flat(3), { waiting: 0.5 }), { ...ask, ceiling: 4 })
    expect([value, basis.capped]).toEqual([4, true])
  })

  it('holds for any history: in any order, any unit, blind to the future, and no lower for more demand', () => {
    for (let seed = 1; seed <= 100; seed += 1) {
      const random = randomOf(seed)
      const windows = ending(Array.from({ length: 600 }, () => random() * 4)).map((one) => ({
        ...one,
        p95: one.avg * (1 + random()),
        waiting: random() < 0.2 ? random() * 0.5 : 0,
      }))
      const found = estimateDemand(windows, ask)
      const turned = windows.toSorted((a, b) => ((a.at * 7919) % 1009) - ((b.at * 7919) % 1009))
      expect(estimateDemand(turned, ask)).toEqual(found)
      const later = ending(flat(99), {}, at + 60 * minute)
      expect(estimateDemand([...windows, ...later], ask)).toEqual(found)
      const twice = windows.map((one) => ({ ...one, avg: one.avg * 2, p95: one.p95 * 2 }))
      expect(estimateDemand(twice, ask).value).toBeCloseTo(found.value * 2)
      expect(estimateDemand(twice, ask).sd).toBeCloseTo(found.sd * 2)
      const waiting = windows.map((one) => ({ ...one, waiting: Math.min(0.8, one.waiting + 0.1) }))
      expect(estimateDemand(waiting, ask).value).toBeGreaterThan(found.value)
      expect(found.value).toBeGreaterThanOrEqual(found.mean)
    }
  })
})

describe('the parts of it', () => {
  it('percentiles weigh', () => {
    const values = [
      { value: 1, weight: 90 },
      { value: 5, weight: 10 },
      { value: 9, weight: 0 },
    ]
    expect([0, 0.9, 0.91, 1].map((share) => weightedPercentile(values, share))).toEqual([1, 1, 5, 5])
    expect(weightedPercentile([], 0.5)).toBeNull()
  })

  it('a trend needs three points at different times', () => {
    expect(
      trendOf([
        { at: 0, value: 1 },
        { at: 1, value: 2 },
      ]),
    ).toBeNull()
    expect(trendOf([...Array(200).keys()].map((i) => ({ at: i, value: 3 + 2 * i })))).toEqual({
      perMs: 2,
      at: 199,
      value: 401,
    })
  })

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

import { describe, expect, it } from 'vitest'
import { defaultConsolidation } from './goal'
import { type ConsolidationTally, paced } from './pace'

const limits = { moves: 1_000, overTime: 0.002 }
const tally: ConsolidationTally = {
  left: 200,
  everyMs: 300_000,
  awake: 50,
  hostMs: 80 * 50 * 300_000,
  overMs: 80 * 50 * 300_000 * 0.002,
  over: 160,
  expected: 160,
  moves: 500,
}
const of = (changes: Partial<ConsolidationTally>) =>
  paced(defaultConsolidation, limits, { ...tally, ...changes })

describe('the pace of consolidation', () => {
  it('allows as much risk as the moves that are left will relieve', () => {
    expect(of({ overMs: 0 }).wakeRisk).toBeCloseTo((500 / 200 / 50) * 1.5)
    expect(of({ overMs: 0, moves: 700 }).wakeRisk).toBeCloseTo(0.03 * 1.5)
    expect(of({}).maxMoves).toBe(500)
    expect(of({ moves: 2_000 }).maxMoves).toBe(0)
  })

  it('saves what was spent too soon', () => {
    expect(of({ overMs: tally.overMs * 2.5 }).sleepRisk).toBeLessThan(of({ overMs: 0 }).sleepRisk)
  })

  it('believes less in its own risk where more came than was expected', () => {
    expect(of({ over: 360 }).sleepRisk).toBeLessThan(of({ over: 160 }).sleepRisk)
  })

  it('begins with what it is told, before anything is seen', () => {
    const first = of({ awake: 0, hostMs: 0, overMs: 0, over: 0, expected: 0, moves: 0 })
    expect(first.sleepRisk).toBeCloseTo(0.05 * 0.6)
    expect(first.keepMoves).toBe(0)
  })
})

import { describe, expect, it } from 'vitest'
import { inputOf, textsOf, untilProblem, withMetric } from './form'

describe('the form of a threshold', () => {
  it('gives back what it was made from', () => {
    const input = inputOf('cluster-1', { ...textsOf(), name: ' hot ' })!
    expect(input).toMatchObject({
      clusterId: 'cluster-1',
      name: 'hot',
      above: 0.85,
      until: 0.7,
      forMs: 300_000,
      budget: { movesPerHour: 30, bytesPerHour: null },
    })
    expect(inputOf('cluster-1', textsOf(input))).toEqual(input)
  })

  it('has no rule while a number cannot be read', () => {
    expect(inputOf('cluster-1', { ...textsOf(), above: '' })).toBeNull()
    expect(inputOf('cluster-1', { ...textsOf(), above: '120' })).toBeNull()
    expect(inputOf('cluster-1', { ...textsOf(), above: '82,5' })).toMatchObject({ above: 0.825 })
  })

  it('changes levels with the unit, and says when they are the wrong way round', () => {
    const texts = withMetric(textsOf(), 'network')
    expect(inputOf('cluster-1', texts)).toMatchObject({ above: 800e6, until: 600e6 })
    expect(withMetric(texts, 'disk').above).toBe('800')
    expect(untilProblem(texts)).toBeNull()
    expect(untilProblem({ ...texts, until: '900' })).toMatch(/less than/)
  })
})

import { describe, expect, it } from 'vitest'
import { aligned, widthFor } from './range'

const hour = 3_600_000
const now = 1_000 * 24 * hour

describe('recorded usage on a screen', () => {
  it('is read in windows that are kept for as long, and are not too many', () => {
    expect(widthFor(now - hour, now, now)).toBe('raw')
    expect(widthFor(now - 12 * hour, now - 11 * hour, now)).toBe('5m')
    expect(widthFor(now - 7 * 24 * hour, now, now)).toBe('5m')
    expect(widthFor(now - 60 * 24 * hour, now - 59 * 24 * hour, now)).toBe('1h')
    expect(widthFor(now - 365 * 24 * hour, now, now)).toBe('1h')
  })

  it('has a gap where nothing was heard', () => {
    const { times, columns } = aligned(
      {
        fromAt: 600_000,
        length: 3,
        columns: { cpuMean: new Float32Array([1, Number.NaN, 2]), cpuMax: [null, 3, 4] },
      },
      '5m',
    )
    expect(times).toEqual([600, 900, 1_200])
    expect(columns).toEqual({ cpuMean: [1, null, 2], cpuMax: [null, 3, 4] })
  })
})

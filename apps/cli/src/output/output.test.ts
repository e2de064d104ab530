import { describe, expect, it } from 'vitest'
import { bytes, bytesPerSecond, duration, integer, share, time } from './quantity'
import { table } from './table'

describe('tables', () => {
  it('line up by the widest cell, numbers at their end, nothing cut off', () => {
    const rows = [
      { name: 'web-1', cpu: 5 },
      { name: 'größer-17', cpu: 100 },
      { name: 'x', cpu: null },
    ]
    const text = table(rows, [
      { title: 'name', of: (row) => row.name },
      { title: 'cpu', of: (row) => row.cpu, right: true },
    ])
    expect(text).toBe(['NAME       CPU', 'web-1        5', 'größer-17  100', 'x            -'].join('\n'))
  })

  it('keep a row on one line', () => {
    expect(table([{ notes: 'a\nb' }], [{ title: 'notes', of: (row) => row.notes }])).toBe('NOTES\na b')
  })
})

describe('quantities', () => {
  it('carry their unit', () => {
    expect([bytes('2GiB'), bytes('1.5 mib'), bytesPerSecond('100MiB/s')]).toEqual([
      2 * 1024 ** 3,
      1.5 * 1024 ** 2,
      100 * 1024 ** 2,
    ])
    expect([duration('90s'), duration('5m'), duration('300ms')]).toEqual([90_000, 300_000, 300])
    expect(integer('17')).toBe(17)
    expect([share('25%'), share('0.5'), share('1')]).toEqual([0.25, 0.5, 1])
    expect(time('2026-03-01T03:14Z')).toBe(Date.UTC(2026, 2, 1, 3, 14))
  })

  it('without a unit, or with an unknown one, are turned down with an example', () => {
    for (const wrong of ['2', 'GiB', '2GB', '-1GiB'])
      expect(() => bytes(wrong), wrong).toThrow(/such as 4GiB/)
    expect(() => duration('soon')).toThrow(/such as 90s/)
    for (const wrong of ['abc', '150%', '2', '-1', ''])
      expect(() => share(wrong), wrong).toThrow(/such as 25%/)
    expect(() => integer('1.5')).toThrow(/whole number/)
    expect(() => time('yesterday')).toThrow(/such as 2026/)
  })
})

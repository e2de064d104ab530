import { describe, expect, it } from 'vitest'
import { sayAgo, sayExact, sayFor, sayShort } from './time'

const now = new Date(2026, 6, 14, 14, 3, 22, 118).getTime()

describe('times', () => {
  it.each([
    [0, 'just now'],
    [-5_000, 'just now'],
    [12_400, '12 s ago'],
    [3 * 60_000, '3 min ago'],
    [5 * 3_600_000, '5 h ago'],
    [26 * 3_600_000, '1 day ago'],
    [3 * 86_400_000, '3 days ago'],
    [10 * 86_400_000, '2026-07-04'],
  ])('%d ms ago is "%s"', (ago, said) => {
    expect(sayAgo(now - ago, now)).toBe(said)
  })

  it('are exact on demand', () => {
    expect(sayExact(now)).toBe('2026-07-14 14:03:22.118')
  })

  it('are short in lists', () => {
    expect(sayShort(now - 1000, now)).toBe('14:03:21')
    expect(sayShort(now - 86_400_000, now)).toBe('07-13 14:03')
  })

  it('that go on are counted in whole seconds', () => {
    expect(sayFor(now - 72_900, now)).toBe('for 1 min 12 s')
    expect(sayFor(now, now)).toBe('for 1 s')
  })
})

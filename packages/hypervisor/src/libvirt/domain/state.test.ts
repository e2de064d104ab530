import { describeState } from '@drover/libvirt'
import { describe, expect, test } from 'vitest'
import { MigrationProgress, reportOf } from './progress'
import { stateOf } from './state'

describe('what a domain does', () => {
  const cases = [
    [1, 1, 'none', 'running', null],
    [2, 0, 'none', 'running', null],
    [3, 1, 'none', 'paused', null],
    [3, 5, 'none', 'paused', 'a disk failed'],
    [3, 11, 'none', 'running', null],
    [3, 11, 'migration-in', 'incoming', null],
    [3, 2, 'migration-in', 'incoming', null],
    [3, 2, 'migration-out', 'paused', 'migration'],
    [3, 2, null, 'incoming', null],
    [3, 11, null, 'incoming', null],
    [3, 1, null, 'paused', null],
    [1, 1, null, 'running', null],
    [3, 13, 'migration-in', 'paused', 'post-copy migration failed'],
    [1, 10, 'migration-in', 'running', null],
    [4, 1, 'none', 'running', null],
    [5, 1, 'none', 'off', null],
    [5, 3, 'none', 'crashed', 'its process ended by itself'],
    [5, 6, 'none', 'off', 'it could not be started'],
    [6, 1, 'none', 'crashed', 'the guest panicked'],
  ] as const
  test.each(cases)('state %i for reason %i with job %s is %s', (state, reason, job, expected, why) => {
    expect(stateOf(describeState(state, reason), job)).toEqual({ state: expected, reason: why })
  })
})

describe('how far a migration is', () => {
  test('disks first, then memory, which begins anew again and again; it never goes back', () => {
    const progress = new MigrationProgress()
    const read = (stats: Record<string, number>) => progress.read(stats).fraction
    const fractions = [
      read({ disk_total: 100, disk_remaining: 100 }),
      read({ disk_total: 100, disk_remaining: 50 }),
      read({ disk_total: 100, disk_remaining: 0, memory_total: 100, memory_remaining: 100 }),
      read({ disk_total: 100, disk_remaining: 0, memory_total: 100, memory_remaining: 10 }),
      read({ disk_total: 100, disk_remaining: 0, memory_total: 100, memory_remaining: 40 }),
      read({ disk_total: 100, disk_remaining: 0, memory_total: 100, memory_remaining: 0 }),
    ]
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b))
    expect(fractions[1]).toBe(0.5)
    expect(fractions.at(-1)).toBe(0.99)
  })

  test('the end is told by libvirt, or measured', () => {
    const stats = { time_elapsed: 900, downtime: 80, memory_processed: 7, disk_processed: 5 }
    expect(reportOf(stats, 1_000)).toEqual({ totalMs: 900, downtimeMs: 80, bytes: 12 })
    expect(reportOf(null, 1_000)).toEqual({ totalMs: 1_000, downtimeMs: null, bytes: null })
  })
})

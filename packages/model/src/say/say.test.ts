import { describe, expect, it } from 'vitest'
import { defaultPowerSettings } from '../load/power'
import type { TaskParams } from '../task/task'
import { sayEvent, severityOf, subjectsOf } from './event'
import { sayPower } from './load'
import { sayBytes, sayDuration, sayFew, sayList, sayRate } from './quantity'
import { sayRefusal } from './refusal'
import { sayOutcome, sayTask, sayWaiting } from './task'

const web = { id: 'vm-17', name: 'web-17' } as const
const one = { id: 'host-1', name: 'esx-01' } as const
const two = { id: 'host-2', name: 'esx-02' } as const
const gib = 1024 ** 3

describe('quantities', () => {
  it('carry the right number of digits', () => {
    expect([0, 900, 1536, 12.4 * gib, 128 * gib].map(sayBytes)).toEqual([
      '0 B',
      '900 B',
      '1.5 KiB',
      '12.4 GiB',
      '128 GiB',
    ])
    expect(sayRate(1.2e9)).toBe('1.2 GB/s')
    expect([278, 8240, 9999, 59_999, 72_000, 3_600_000, 11_100_000].map(sayDuration)).toEqual([
      '278 ms',
      '8.2 s',
      '9.9 s',
      '59 s',
      '1 min 12 s',
      '1 h',
      '3 h 5 min',
    ])
    expect(sayList(['a', 'b', 'c'])).toBe('a, b and c')
  })

  it('name a few and count the others', () => {
    expect(sayFew(['b', 'a', 'c'])).toBe('a, b and c')
    expect(sayFew(['esx-10', 'esx-9', 'esx-2', 'esx-1'])).toBe('esx-1, esx-2 and 2 others')
  })
})

describe('sentences', () => {
  it('leave out what is set to nothing', () => {
    const settings = { ...defaultPowerSettings, mode: 'full' as const, holdMs: 0, dwellMs: 0, wakeAheadMs: 0 }
    const text = sayPower(settings, String)
    expect(text).toMatch(/when they are not needed, at any time\. .* a host is woken\. .* and 10 % beside\.$/)
    expect(sayPower(defaultPowerSettings, String)).not.toContain('0 ms')
  })

  it('call a proof of waking what it is', () => {
    const host = { id: 'host-1', name: 'esx-1' } as const
    const params = { test: true } as TaskParams['host.sleep']
    expect(sayTask({ kind: 'host.sleep', vmName: '', host, params })).toBe('prove that esx-1 wakes')
    expect(sayTask({ kind: 'host.sleep', vmName: '', host })).toBe('put to sleep esx-1')
  })

  it('give a reason that holds for many hosts once, with the host that lacks least', () => {
    const hosts = [1, 2, 3, 4, 5, 6].map((n) => {
      const host = { id: `host-${n}`, name: `esx-0${n}` } as const
      const short = {
        code: 'memory_short',
        vm: web,
        host,
        neededBytes: 8 * gib,
        freeBytes: (n % 4) * gib,
      } as const
      const absent = {
        code: 'datastore_absent',
        host,
        datastore: { id: 'datastore-1', name: 'nvme' },
      } as const
      return { host, refusals: n === 6 ? [absent, short] : [short] }
    })
    expect(sayRefusal({ code: 'no_host_fits', vm: web, hosts })).toBe(
      'No host can take web-17. esx-03 cannot take web-17: 5 GiB of memory short (needs 8 GiB, 3 GiB free). Free memory there or choose another host. ' +
        'Likewise esx-01, esx-02 and 3 others. esx-06 does not have the datastore nvme. Migrate with the disks, or mount it there.',
    )
  })

  it('name object, state and remedy', () => {
    expect(
      sayRefusal({ code: 'memory_short', vm: web, host: two, neededBytes: 8 * gib, freeBytes: 2 * gib }),
    ).toBe(
      'esx-02 cannot take web-17: 6 GiB of memory short (needs 8 GiB, 2 GiB free). Free memory there or choose another host.',
    )
    expect(sayWaiting({ code: 'host_slot', host: two, limit: 2, ahead: ['db-1'] }, 0)).toBe(
      'Waits for one of the 2 migrations at esx-02 to end, behind db-1.',
    )
  })

  it('say what was given up, and what is asked for when the host is back', () => {
    expect(sayOutcome({ code: 'given_up', vm: web, host: two, by: 'ada', silentMs: 720_000 })).toBe(
      'ada gave it up: esx-02 had been silent for 12 min. What is true of web-17 there is asked when it is back.',
    )
  })

  it('tell how a migration ended', () => {
    expect(
      sayOutcome({
        code: 'migrated',
        vm: web,
        source: one,
        target: two,
        method: 'live',
        totalMs: 8000,
        downtimeMs: 78,
        bytes: 8e9,
      }),
    ).toBe('web-17 moved live from esx-01 to esx-02 in 8 s, 78 ms standstill, 1 GB/s.')
  })
})

describe('events', () => {
  it('know their subjects, also those inside an outcome', () => {
    const body = {
      kind: 'task.ended',
      task: { id: 'task-3', name: 'migrate web-17' },
      state: 'failed',
      outcome: { code: 'still_at_source', vm: web, source: one, cause: 'the line broke' },
    } as const
    expect(subjectsOf(body).sort()).toEqual(['host-1', 'task-3', 'vm-17'])
    expect(severityOf(body)).toBe('error')
    expect(sayEvent(body)).toBe('web-17 stayed on esx-01: the line broke.')
  })
})

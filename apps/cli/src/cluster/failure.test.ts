import type { WhatIf } from '@drover/model'
import { describe, expect, it } from 'vitest'
import { sayWhatIf } from './failure'

const host = (n: number) => ({ id: `host-${n}`, name: `esx-0${n}` }) as const

describe('what if, in lines', () => {
  it('says how it would go on, where each VM would run, and what to worry about', () => {
    const answer: WhatIf = {
      lost: { hosts: [host(1)], datastores: [] },
      vms: [
        {
          vm: { id: 'vm-1', name: 'web' },
          from: host(1),
          tier: 1,
          target: host(2),
          afterMs: 12_000,
          why: [],
          note: null,
        },
        {
          vm: { id: 'vm-2', name: 'db' },
          from: host(1),
          tier: 3,
          target: null,
          afterMs: null,
          why: [{ code: 'host_held', vm: { id: 'vm-2', name: 'db' }, host: host(1) }],
          note: null,
        },
      ],
      stages: [{ name: 'suspect', afterMs: 3_000, text: 'Nobody has heard of esx-01 for 3 s.' }],
      restarted: 1,
      notRestarted: 1,
      allRunningMs: 12_000,
      hosts: [{ host: host(2), memoryBefore: 0.25, memoryAfter: 0.5 }],
      warnings: ['1 VM would not be restarted: db.'],
    }
    const text = sayWhatIf(answer)
    expect(text).toContain('If esx-01 died now: 1 restarted, the last one after 12 s; 1 not restarted.')
    expect(text).toMatch(/3 s {2}Nobody has heard of esx-01 for 3 s\./)
    expect(text).toMatch(/web +esx-01 +1 +esx-02 +12 s/)
    expect(text).toMatch(/db +esx-01 +3 +- +- +\S/)
    expect(text).toMatch(/esx-02 +25 % +50 %/)
    expect(text).toContain('! 1 VM would not be restarted: db.')
  })
})

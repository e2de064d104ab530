import type { EvacuationMove, EvacuationPlan } from '@drover/model'
import { describe, expect, it } from 'vitest'
import { sayEvacuation } from './evacuation'

const host = { id: 'host-1', name: 'esx-01' } as const
const base = { expectedMs: null, bytes: 0, note: null, blockers: [], target: null }
const move = (name: string, set: Partial<EvacuationMove>): EvacuationMove => ({
  ...base,
  vm: { id: 'vm-1', name },
  method: 'live',
  ...set,
})
const plan = (moves: EvacuationMove[]): EvacuationPlan => ({
  host,
  moves,
  refusals: [],
  complete: moves.every(({ blockers }) => blockers.length === 0),
  expectedMs: 12_000,
  bytes: 2 ** 30,
  fingerprint: '',
})

describe('a plan to empty a host, in lines', () => {
  it('says of each VM where it goes and how', () => {
    const target = { id: 'host-2', name: 'esx-02' } as const
    const text = sayEvacuation(
      plan([move('web-17', { target, expectedMs: 12_000 }), move('db', { method: 'leave' })]),
    )
    expect(text.split('\n')).toEqual([
      '  web-17  live to esx-02, about 12 s',
      '  db      stays; it is off',
      'About 12 s; 1 GiB to carry.',
    ])
  })

  it('says of each that can go nowhere why', () => {
    const text = sayEvacuation(
      plan([
        move('web-17', {
          blockers: [{ code: 'no_host_fits', vm: { id: 'vm-1', name: 'web-17' }, hosts: [] }],
        }),
      ]),
    )
    expect(text).toContain('stays: No host can take web-17.')
    expect(text).toContain('1 VM can go nowhere.')
  })
})

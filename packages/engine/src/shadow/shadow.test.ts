import type { LoadPicture, LoadProposal, LoadRules, LoadVerdict } from '@drover/model'
import { describe, expect, it } from 'vitest'
import { House } from '../testing/house'
import { shadowPicture, shadowRound } from './round'
import { decideShadowEnd, decideShadowNote, decideShadowStart, sayShadowDay, shadowOf } from './shadow'

const day = Date.UTC(2026, 10, 22)
const picture = {
  at: day,
  hosts: [
    { id: 'host-1', name: 'esx-1' },
    { id: 'host-2', name: 'esx-2' },
  ],
  vms: [
    { id: 'vm-1', name: 'web', movedAt: null },
    { id: 'vm-2', name: 'db', movedAt: 5 },
  ],
} as unknown as LoadPicture
const quiet = { moves: [], unevenSince: null, lowSince: null, aboveSince: {} }

function verdict(vms: number[], more: Partial<LoadProposal> = {}): LoadVerdict {
  const moves = vms.map((vm) => ({ vm, from: 0, to: 1, step: vm, bytes: 10 }))
  const proposal = { by: 'balance', automatic: true, moves, sleep: [], wake: [], ...more }
  const empty = vms.length === 0 && Object.keys(more).length === 0
  return { proposals: empty ? [] : [proposal as never], memory: structuredClone(quiet), held: [] }
}

describe('a round of a shadow', () => {
  it('counts what either wants once a day, and says what only one of them wants', () => {
    const first = shadowRound({ memory: quiet, days: [] }, picture, {
      shadow: verdict([0, 1]),
      active: verdict([1]),
    })
    expect(first.changed).toBe(true)
    expect(first.days).toHaveLength(1)
    expect(first.days[0]).toMatchObject({
      day: '2026-11-22',
      rounds: 1,
      shadow: { proposals: 1, moves: 2, bytes: 20 },
      active: { proposals: 1, moves: 1, bytes: 10 },
      differences: ['Only the shadow would move web from esx-1 to esx-2.'],
    })
    const again = shadowRound(
      first,
      { ...picture, at: day + 60_000 },
      { shadow: verdict([0, 1]), active: verdict([1]) },
    )
    expect(again.changed).toBe(false)
    expect(again.days[0]).toMatchObject({ rounds: 2, shadow: { moves: 2 }, active: { moves: 1 } })
    const next = shadowRound(
      again,
      { ...picture, at: day + 86_400_000 },
      { shadow: verdict([0]), active: verdict([]) },
    )
    expect(next.days.map(({ day: name, shadow }) => [name, shadow.moves])).toEqual([
      ['2026-11-22', 2],
      ['2026-11-23', 1],
    ])
    expect(next.days[0]!.counted).toBeUndefined()
  })

  it('counts hosts that would sleep and wake', () => {
    const sleep = [{ host: 1, text: '', until: null }]
    const wake = [{ host: 0, text: '' }]
    const { days } = shadowRound({ memory: quiet, days: [] }, picture, {
      shadow: verdict([], { sleep }),
      active: verdict([], { wake }),
    })
    expect(days[0]).toMatchObject({ shadow: { sleeps: 1, wakes: 0 }, active: { sleeps: 0, wakes: 1 } })
    expect(days[0]!.differences).toEqual([
      'Only the shadow would put esx-2 to sleep.',
      'Only the active rules woke esx-1, or would have.',
    ])
  })

  it('leaves alone for a while what it would have moved', () => {
    const { memory } = shadowRound({ memory: quiet, days: [] }, picture, {
      shadow: verdict([0]),
      active: verdict([]),
    })
    expect(memory.moves).toEqual([{ vmId: 'vm-1', at: day, bytes: 10, by: 'balance' }])
    expect(shadowPicture(picture, memory).vms.map(({ movedAt }) => movedAt)).toEqual([day, 5])
    expect(picture.vms[0]!.movedAt).toBeNull()
  })

  it('is bounded, however much there is to say', () => {
    const many = {
      ...picture,
      vms: Array.from({ length: 3_000 }, (_, i) => ({ id: `vm-${i}`, name: `vm-${i}`, movedAt: null })),
    } as unknown as LoadPicture
    const all = [...many.vms.keys()]
    const { days } = shadowRound({ memory: quiet, days: [] }, many, {
      shadow: verdict(all),
      active: verdict([]),
    })
    expect(days[0]!.shadow.moves).toBe(3_000)
    expect(days[0]!.differences.length).toBeLessThanOrEqual(20)
    expect(days[0]!.counted!.length).toBeLessThanOrEqual(1_000)
  })
})

describe('a shadow', () => {
  it('is begun, takes the place of another, is noted and ended; there is one for a cluster at most', () => {
    const house = new House()
    const rules = {} as LoadRules
    const start = (name: string) =>
      house.decide((w, c) => decideShadowStart(w, { clusterId: 'cluster-1', name, rules }, c))
    expect(start('first')).toMatchObject({ ok: true, value: 'shadow-1' })
    expect(start('second')).toMatchObject({ ok: true, value: 'shadow-2' })
    expect(house.world.tables.shadow.size).toBe(1)
    expect(shadowOf(house.world, 'cluster-1')).toMatchObject({ name: 'second', since: house.now, days: [] })
    const { days, memory } = shadowRound({ memory: quiet, days: [] }, picture, {
      shadow: verdict([0]),
      active: verdict([]),
    })
    const text = sayShadowDay('second', days[0]!, true)
    house.decide((w, c) => decideShadowNote(w, { shadowId: 'shadow-2', memory, days, text }, c))
    expect(shadowOf(house.world, 'cluster-1')!.days).toEqual(days)
    expect(text).toMatch(/^On 2026-11-22, the rules "second" would have come to 1 move, 0 hosts put to sleep/)
    expect(house.decide((w, c) => decideShadowEnd(w, { clusterId: 'cluster-1' }, c))).toMatchObject({
      ok: true,
    })
    expect(house.world.tables.shadow.size).toBe(0)
    expect(house.decide((w, c) => decideShadowEnd(w, { clusterId: 'cluster-1' }, c))).toMatchObject({
      ok: false,
    })
    const kinds = house.events.map(({ kind }) => kind)
    expect(kinds).toEqual([
      'shadow.started',
      'shadow.ended',
      'shadow.started',
      'shadow.report',
      'shadow.ended',
    ])
    // One that was ended meanwhile is not written anew.
    expect(
      house.decide((w, c) => decideShadowNote(w, { shadowId: 'shadow-2', memory, days, text }, c)),
    ).toMatchObject({ ok: true })
    expect(house.world.tables.shadow.size).toBe(0)
  })
})

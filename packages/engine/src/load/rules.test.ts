import { type BalanceSettings, mostThresholds, sayEvent, setRow, type ThresholdInput } from '@drover/model'
import { beforeEach, describe, expect, it } from 'vitest'
import { decideChangeBalance } from '../balance/change'
import { decideChangePower } from '../power/change'
import type { House } from '../testing/house'
import { busyHosts, busyHouse, reportLoad } from '../testing/load'
import { loadConflicts, settingConflicts, thresholdConflicts } from './conflicts'
import { loadRules } from './rules'
import { decideThresholdChange, decideThresholdCreate, decideThresholdDelete } from './threshold'
import { whyNot } from './whyNot'

const gib = 2 ** 30

let house: House
let wishes: Record<string, number>

const say = () => reportLoad(house, wishes)
const create = (set: Partial<ThresholdInput> = {}) =>
  house.accepted((w, c) => decideThresholdCreate(w, { ...busyHosts, ...set }, c))
const balance = (changes: Partial<Omit<BalanceSettings, 'unevenSince' | 'version'>>) =>
  house.accepted((w, c) => decideChangeBalance(w, { clusterId: 'cluster-1', changes }, c))

beforeEach(() => {
  ;({ house, wishes } = busyHouse())
})

describe('conflicts', () => {
  const cluster = () => house.world.tables.cluster.get('cluster-1')!
  const found = (set: Partial<ThresholdInput>) =>
    thresholdConflicts(house.world, cluster(), {
      ...busyHosts,
      ...set,
      id: 'threshold-99',
      aboveSince: {},
      version: 1,
      createdAt: 0,
    })

  it('of power saving with a balance that is off are told whichever of the two is changed', () => {
    const text = 'balancing of blue is off: a host that was woken stays empty until somebody moves VMs there'
    const told = (changes: Parameters<typeof settingConflicts>[2]) =>
      settingConflicts(house.world, 'cluster-1', changes).filter((one) => one.text.includes(text))
    balance({ mode: 'off' })
    expect(told({ power: { mode: 'off' } })).toEqual([])
    expect(told({ power: { mode: 'full' } })).toMatchObject([
      { level: 'warning', remedy: expect.stringContaining('Set balancing of blue to full') },
    ])
    balance({ mode: 'full' })
    expect(told({ power: { mode: 'full' } })).toEqual([])
    house.accepted((w, c) => decideChangePower(w, { clusterId: 'cluster-1', changes: { mode: 'full' } }, c))
    expect(told({ balance: { mode: 'off' } })).toHaveLength(1)
    expect(told({ balance: { mode: 'manual' } })).toEqual([])
  })

  it('of a threshold with itself, with another, with the balance and with what is pinned are found', () => {
    expect(found({ until: 0.8 })[0]).toMatchObject({ level: 'error', rules: [{ name: 'Busy hosts' }] })
    expect(found({ until: 0.79 })[0]!.text).toMatch(/so close that it acts again and again/)
    expect(found({})).toEqual([])
    create({ name: 'Hot hosts', above: 0.9 })
    expect(found({})[0]).toMatchObject({ rules: [{ name: 'Hot hosts' }, { name: 'Busy hosts' }] })
    expect(
      found({ hostIds: ['host-1'], tags: ['none'] })
        .map(({ text }) => text)
        .join(' '),
    ).toMatch(/no VM is tagged none/)
    balance({ mode: 'off' })
    expect(found({}).some(({ text }) => text.includes('does nothing: balancing of blue is off'))).toBe(true)
    balance({ mode: 'full', aim: 'spread', spread: 0.3 })
    expect(found({}).some(({ text }) => text.includes('30 % apart for even'))).toBe(true)
    const vmIds = [...house.world.tables.vm.keys()] as `vm-${number}`[]
    const only = {
      kind: 'vm-host',
      relation: 'on',
      strict: true,
      hosts: [{ hostId: 'host-1', priority: 0 }],
    } as const
    setRow(house.world, 'rule', 'rule-1', {
      ...only,
      hosts: [...only.hosts],
      id: 'rule-1',
      clusterId: 'cluster-1',
      name: 'licence',
      vmIds,
      enabled: true,
      version: 1,
      createdAt: 0,
    })
    const pinned = found({}).find(({ text }) => text.includes('could move nothing off esx-1'))
    expect(pinned).toMatchObject({
      rules: [{ name: 'Busy hosts' }, { name: 'licence' }],
      hosts: [{ name: 'esx-1' }],
    })
    expect(pinned!.vms).toHaveLength(4)
    expect(pinned!.remedy).toMatch(/Allow another host in "licence"/)
  })

  it('of power saving with thresholds and with itself are found', () => {
    const rules = loadRules(house.world, cluster())
    const power = { ...rules.power, mode: 'full' as const, fillTo: 0.85, wakeAbove: 0.8, minAwake: 3 }
    const thresholds = [
      { ...busyHosts, id: 'threshold-1', aboveSince: {}, version: 1, createdAt: 0 } as const,
    ]
    const texts = loadConflicts(house.world, cluster(), { ...rules, power, thresholds: [...thresholds] }).map(
      ({ text }) => text,
    )
    expect(texts).toEqual([
      expect.stringContaining('put to sleep and woken in turn'),
      expect.stringContaining('fills hosts up to 85 %; "Busy hosts" moves VMs off hosts above 80 %'),
      expect.stringContaining('none can sleep'),
    ])
  })
})

describe('why not', () => {
  const ask = (vm: string, host: `host-${number}`) =>
    whyNot(house.world, house.vm(vm)!, house.host(host), house.now)

  it('answers for any VM and host, the weightiest reason first', () => {
    balance({ aim: 'spread', limit: 0.9 })
    expect(ask('web', 'host-1')).toMatchObject({ verdict: 'there', text: 'web is on esx-1.' })
    expect(ask('web', 'host-2')).toMatchObject({ verdict: 'would help', reasons: [] })
    expect(ask('web', 'host-2').text).toMatch(/esx-1 would go from 94 % to 69 % of CPU/)
    create({ above: 0.25, until: 0.2, hostIds: ['host-2'] })
    expect(ask('web', 'host-2')).toMatchObject({ verdict: 'no', reasons: [{ about: 'limit' }] })
    expect(ask('web', 'host-2').text).toMatch(
      /esx-2 would come to 25 % of CPU; the rule "Busy hosts" keeps it under 20 %/,
    )
    house.setHost('host-3', { mode: 'maintenance', modeReason: 'new disks' })
    expect(ask('web', 'host-3').reasons[0]!.about).toBe('fact')
    wishes.other = 6
    house.addVm('other', 'host-3', 'datastore-1', 'running')
    house.setHost('host-3', { mode: 'normal', modeReason: null })
    say()
    expect(ask('other', 'host-1').reasons.map(({ about }) => about)).toEqual(
      ['limit', 'limit', 'gain'].slice(0, 1).concat('gain'),
    )
    house.setVm('web', { memoryBytes: 64 * gib })
    expect(ask('web', 'host-3').reasons[0]!.about).toBe('room')
  })
})

describe('thresholds', () => {
  it('are made, changed and removed, with an event each, and refused with every reason', () => {
    const refused = house.decide((w, c) =>
      decideThresholdCreate(
        w,
        {
          ...busyHosts,
          name: ' ',
          above: 1.2,
          until: 1.3,
          forMs: -1,
          minGain: 2,
          hostIds: ['host-9'],
          windows: [{ days: [9], from: '25:00', to: '06:00', timeZone: 'Nowhere' }],
          budget: { movesPerHour: 0, bytesPerHour: null },
        },
        c,
      ),
    )
    expect(refused.ok ? [] : refused.refusals.map((one) => ('field' in one ? one.field : one.code))).toEqual([
      'name',
      'above',
      'until',
      'until',
      'forMs',
      'minGain',
      'not_found',
      'windows',
      'windows',
      'windows',
      'budget.movesPerHour',
    ])
    const id = create()
    expect(house.decide((w, c) => decideThresholdCreate(w, busyHosts, c))).toMatchObject({
      ok: false,
      refusals: [{ code: 'name_taken' }],
    })
    house.accepted((w, c) => decideThresholdChange(w, { thresholdId: id, changes: { above: 0.9 } }, c))
    expect(house.world.tables.threshold.get(id)).toMatchObject({ above: 0.9, version: 2 })
    house.accepted((w, c) => decideThresholdDelete(w, { thresholdId: id }, c))
    expect(house.world.tables.threshold.size).toBe(0)
    expect(house.events.filter(({ kind }) => kind.startsWith('threshold.')).map(({ kind }) => kind)).toEqual([
      'threshold.created',
      'threshold.changed',
      'threshold.deleted',
    ])
  })

  it('say in history what they said before, and what they say now', () => {
    const id = create({ tags: ['batch'], budget: { movesPerHour: 30, bytesPerHour: null } })
    const changes = { above: 0.9, tags: [], hostIds: ['host-1'], budget: { bytesPerHour: gib } } as const
    const given = { ...changes, tags: [...changes.tags], hostIds: [...changes.hostIds] }
    house.accepted((w, c) => decideThresholdChange(w, { thresholdId: id, changes: given }, c))
    expect(sayEvent(house.events.at(-1)!)).toMatch(
      'was changed (above from 80 % to 90 %, the VMs from those tagged batch to all, the hosts from all to esx-1 and the budget from at most 30 moves an hour to at most 30 moves and 1 GiB an hour): When CPU of esx-1',
    )
    house.accepted((w, c) => decideThresholdDelete(w, { thresholdId: id }, c))
    expect(sayEvent(house.events.at(-1)!)).toMatch(/was removed. It said: When CPU of esx-1 is above 90 %/)
    balance({ limit: 0.7 })
    expect(sayEvent(house.events.at(-1)!)).toMatch('was changed: overloaded above from 100 % to 70 %')
  })

  it('are changed by one person at a time: who saw an older version is told so', () => {
    const id = create()
    const change = (version: number | undefined, above: number) =>
      house.decide((w, c) => decideThresholdChange(w, { thresholdId: id, changes: { above }, version }, c))
    expect(change(1, 0.85).ok).toBe(true)
    expect(change(1, 0.9)).toMatchObject({
      ok: false,
      refusals: [{ code: 'changed_since', what: 'the rule "Busy hosts"', is: 2, seen: 1 }],
    })
    expect(change(undefined, 0.9).ok).toBe(true)
    const ask = (version: number) =>
      house.decide((w, c) =>
        decideChangeBalance(w, { clusterId: 'cluster-1', changes: { limit: 0.7 }, version }, c),
      )
    const { version } = house.world.tables.cluster.get('cluster-1')!.balance!
    expect(ask(version).ok).toBe(true)
    expect(ask(version)).toMatchObject({ ok: false, refusals: [{ code: 'changed_since' }] })
  })

  it('are not without number', () => {
    for (let i = 0; i < mostThresholds; i += 1) create({ name: `Rule ${i}` })
    expect(house.decide((w, c) => decideThresholdCreate(w, busyHosts, c))).toMatchObject({
      ok: false,
      refusals: [{ code: 'invalid', field: 'clusterId' }],
    })
  })
})

describe('levels of balance', () => {
  it("bring their figures, and are nobody's once a figure is another", () => {
    balance({ level: 1 })
    const of = () => house.world.tables.cluster.get('cluster-1')!.balance!
    expect(of()).toMatchObject({ level: 1, spread: 0.15, holdMs: 900_000 })
    balance({ spread: 0.12 })
    expect(of()).toMatchObject({ level: null, spread: 0.12, holdMs: 900_000 })
    balance({ level: 5, mode: 'partial' })
    expect(of()).toMatchObject({ level: 5, mode: 'partial', spread: 0.02 })
  })
})

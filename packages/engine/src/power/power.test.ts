import { defaultPowerSettings, type Host, setRow, type UsageSeries } from '@drover/model'
import { describe, expect, it } from 'vitest'
import { decideSleep } from '../host/sleep'
import { Boards } from '../testing/bmc'
import { House } from '../testing/house'
import { answered } from '../testing/load'
import { decideChangePower, decideChangePowerModel, type PowerChanges } from './change'
import { energyLedger } from './ledger'
import { askPower } from './page'
import { wattsOf } from './watts'

const change = (house: House, changes: PowerChanges) =>
  house.decide((w, c) => decideChangePower(w, { clusterId: 'cluster-1', changes }, c))

describe('changing how power is saved', () => {
  it('is an event with another version, and counting begins anew', () => {
    const house = new House()
    const cluster = house.world.tables.cluster.get('cluster-1')!
    setRow(house.world, 'cluster', 'cluster-1', {
      ...cluster,
      power: { ...defaultPowerSettings, lowSince: 5 },
    })
    expect(change(house, { mode: 'full', model: { idleWatts: 80 } }).ok).toBe(true)
    expect(house.world.tables.cluster.get('cluster-1')!.power).toEqual({
      ...defaultPowerSettings,
      mode: 'full',
      model: { ...defaultPowerSettings.model, idleWatts: 80 },
      version: 2,
      lowSince: null,
    })
    expect(house.events.at(-1)).toMatchObject({ kind: 'cluster.power', fields: ['mode', 'model'] })
    const before = house.events.length
    expect(change(house, { mode: 'full' }).ok).toBe(true)
    expect(house.events).toHaveLength(before)
  })

  it.each([
    ['wakeAbove', { fillTo: 0.8, wakeAbove: 0.8 }],
    ['fillTo', { fillTo: 0 }],
    ['minAwake', { minAwake: 0 }],
    ['holdMs', { holdMs: 10 ** 9 }],
    ['hostIds', { hostIds: ['host-9'] }],
    ['windows', { windows: [{ days: [], from: '20:00', to: '06:00', timeZone: 'UTC' }] }],
    ['windows', { windows: [{ days: [1], from: '25:00', to: '06:00', timeZone: 'UTC' }] }],
    ['windows', { windows: [{ days: [1], from: '20:00', to: '06:00', timeZone: 'Mars/Base' }] }],
    ['model', { model: { asleepWatts: 200 } }],
    ['model', { model: { maxWatts: 50 } }],
  ] satisfies [string, PowerChanges][])('says what is wrong with %s, and the remedy', (field, changes) => {
    const answer = change(new House(), changes)
    expect(answer).toMatchObject({ ok: false, refusals: [{ code: 'invalid', field }] })
  })

  it('is for one host as well, and taken back by nothing', () => {
    const house = new House()
    const model = { idleWatts: 60, maxWatts: 90, asleepWatts: 2 }
    const set = (to: typeof model | null) =>
      house.decide((w, c) => decideChangePowerModel(w, { hostId: 'host-1', model: to }, c))
    expect(set(model).ok).toBe(true)
    expect(house.host('host-1').powerModel).toEqual(model)
    expect(set({ ...model, asleepWatts: 70 })).toMatchObject({ refusals: [{ field: 'model' }] })
    expect(set(null).ok).toBe(true)
    expect('powerModel' in house.host('host-1')).toBe(false)
  })
})

describe('what a host draws', () => {
  const cluster = {
    power: { ...defaultPowerSettings, model: { idleWatts: 100, maxWatts: 300, asleepWatts: 5 } },
  }
  const host = (set: Partial<Host>) => ({ mode: 'normal', state: 'connected', ...set }) as Host

  it('goes with its CPU; asleep it saves what it would draw idle', () => {
    expect(wattsOf(host({}), cluster, { cpu: 0.5 })).toEqual({ watts: 200, savedWatts: 0 })
    expect(
      wattsOf(host({ powerModel: { idleWatts: 10, maxWatts: 20, asleepWatts: 1 } }), cluster, { cpu: 1 }),
    ).toEqual({ watts: 20, savedWatts: 0 })
    expect(wattsOf(host({ state: 'fenced', mode: 'standby' }), cluster, null)).toEqual({
      watts: 5,
      savedWatts: 95,
    })
    expect(wattsOf(host({ state: 'fenced' }), cluster, null)).toEqual({ watts: 5, savedWatts: 0 })
    expect(wattsOf(host({ state: 'suspect' }), cluster, { cpu: 1 })).toEqual({
      watts: null,
      savedWatts: null,
    })
  })

  it('is added up by day; what was not heard is left out', () => {
    const day = Date.UTC(2026, 10, 22)
    const hour = 3_600_000
    const series = (id: string, watts: number[], saved: number[], fromAt: number): UsageSeries => ({
      id,
      width: '1h',
      fromAt,
      length: watts.length,
      columns: { wattsMean: Float32Array.from(watts), savedWattsMean: Float32Array.from(saved) },
    })
    const ledger = energyLedger(
      [
        series('host-1', [100, 5, 5, Number.NaN], [0, 95, 95, Number.NaN], day + 22 * hour),
        series('host-2', [200, 200], [0, 0], day + 22 * hour),
      ],
      { fromAt: day, toAt: day + 48 * hour },
      new Map([
        ['host-1', 95],
        ['host-2', 95],
      ]),
    )
    expect(ledger).toMatchObject({ usedWh: 510, savedWh: 190, by: 'model' })
    expect(ledger.days).toEqual([
      { day: '2026-11-22', usedWh: 505, savedWh: 95, asleepHostHours: 1 },
      { day: '2026-11-23', usedWh: 5, savedWh: 95, asleepHostHours: 1 },
    ])
  })
})

describe('the power page', () => {
  it('says of each host why it sleeps or what keeps it awake', () => {
    const house = new House()
    const boards = new Boards(house)
    const usage = {
      cpu: 0.1,
      memoryUsedBytes: 1,
      diskReadBytesPerSecond: 0,
      diskWriteBytesPerSecond: 0,
      networkInBytesPerSecond: 0,
      networkOutBytesPerSecond: 0,
    }
    for (const live of house.world.live.values()) live.usage = usage
    house.setHost('host-3', { wake: { at: 1, ms: 40_000 } })
    change(house, { mode: 'full', minAwake: 1 })
    const of = (id: string) =>
      answered(askPower(house.world, 'cluster-1', house.now + 3_600_000)).hosts.find(
        ({ host }) => host.id === id,
      )!
    expect(of('host-1')).toMatchObject({ standby: 'awake', text: expect.stringContaining('never shown') })
    expect(of('host-3')).toMatchObject({ standby: 'awake', text: expect.stringContaining('could sleep') })
    const input = {
      hostId: 'host-3',
      why: 'ada put it to sleep.',
      decisionId: null,
      until: null,
      byHand: true,
    }
    boards.run(house.accepted((w, c) => decideSleep(w, input, c)).taskId)
    expect(of('host-3')).toMatchObject({
      standby: 'asleep',
      text: 'ada put it to sleep.',
      byHand: true,
      watts: 5,
      savedWatts: 95,
    })
    const page = answered(askPower(house.world, 'cluster-1', house.now))
    expect(page.savedWatts).toBe(95)
    expect(page.watts).toBe(2 * 115 + 5)
  })
})

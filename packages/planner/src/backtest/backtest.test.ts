import {
  defaultBalanceSettings,
  defaultPowerSettings,
  type HostId,
  type LoadPicture,
  type LoadRules,
  type ThresholdRule,
  type VmId,
} from '@drover/model'
import { describe, expect, it } from 'vitest'
import { backtestOf } from './merge'
import { emptyRecorded, hourRowOf, pastHours, type Recorded, recentSteps, rowOf, stepMs } from './recorded'
import { Cancelled, runSide } from './side'

const gib = 2 ** 30
const hour = 3_600_000
const fromAt = Date.UTC(2026, 10, 16)
const none = { cpu: 0, memory: 0, disk: 0, network: 0, pressure: 0 }

/** Hosts of 16 cores, VMs of 4 vCPUs and 8 GiB on them, and what each VM uses, in cores, at each time. */
function record(
  places: number[],
  hours: number,
  cores: (vm: number, at: number) => number,
  hosts = 3,
): Recorded {
  const picture: LoadPicture = {
    at: fromAt,
    clusterId: 'cluster-1',
    clusterName: 'blue',
    hosts: Array.from({ length: hosts }, (_, i) => ({
      id: `host-${i + 1}` as HostId,
      name: `esx-${i + 1}`,
      cores: 16,
      memoryBytes: 128 * gib,
      roomBytes: 120 * gib,
      promisedBytes: places.filter((at) => at === i).length * 8 * gib,
      promisedCpus: places.filter((at) => at === i).length * 4,
      used: none,
      accepts: true,
      closed: null,
      standby: 'awake' as const,
      standbySince: 0,
      byHand: false,
      wakeProven: true,
      power: { idleWatts: 100, maxWatts: 200, asleepWatts: 10 },
    })),
    vms: places.map((at, i) => ({
      id: `vm-${i + 1}` as VmId,
      name: `web-${i + 1}`,
      vcpus: 4,
      memoryBytes: 8 * gib,
      at,
      towards: -1,
      demand: { ...none, cpuHigh: 0, basis: '' },
      tags: [],
      fixed: null,
      automation: 'full' as const,
      protected: true,
      tier: 2,
      movedAt: null,
      eligible: null,
    })),
  }
  const recorded = emptyRecorded(picture, fromAt, fromAt + hours * hour)
  for (const vm of places.keys()) {
    for (let i = 0; i < rowOf(recorded); i += 1) {
      const at = fromAt + (i - recentSteps) * stepMs
      const cpu = cores(vm, at)
      recorded.usage.cpuMean[vm * rowOf(recorded) + i] = cpu
      recorded.usage.cpuP95[vm * rowOf(recorded) + i] = cpu
      recorded.usage.memoryMean[vm * rowOf(recorded) + i] = Number.isNaN(cpu) ? Number.NaN : 4 * gib
    }
    for (let i = 0; i < hourRowOf(recorded); i += 1) {
      const cpu = cores(vm, fromAt + (i - pastHours) * hour)
      recorded.hourly.cpuMean[vm * hourRowOf(recorded) + i] = cpu
      recorded.hourly.cpuP95[vm * hourRowOf(recorded) + i] = cpu
    }
  }
  return recorded
}

const off: LoadRules = {
  balance: defaultBalanceSettings,
  power: defaultPowerSettings,
  thresholds: [],
  rules: [],
  admission: { by: 'hosts', hostFailures: 1, reservedShare: 0.1, action: 'refuse' } as never,
  overcommitMemory: false,
}
const balanced: LoadRules = { ...off, balance: { ...defaultBalanceSettings, mode: 'full' } }
const threshold: ThresholdRule = {
  id: 'threshold-1',
  clusterId: 'cluster-1',
  name: 'busy hosts',
  metric: 'cpu',
  above: 0.8,
  forMs: 600_000,
  until: 0.7,
  tags: [],
  hostIds: [],
  windows: [],
  cooldownMs: 900_000,
  budget: { movesPerHour: 30, bytesPerHour: null },
  minGain: 0,
  automation: 'manual',
  enabled: true,
  aboveSince: {},
  version: 1,
  createdAt: 0,
}
const yardstick = { limit: 0.8, rules: [] }

describe('a backtest', () => {
  it('counts what was while nobody does anything', () => {
    // 4 VMs × 3.75 cores on the first host: 15 of 16 cores.
    const recorded = record([0, 0, 0, 0], 24, () => 3.75)
    const { total, days, steps, asked } = runSide(recorded, null, yardstick)
    expect(steps).toBe(288)
    expect(asked).toBe(0)
    expect(total).toMatchObject({ moves: 0, overloadMinutes: 24 * 60, starvedCoreMinutes: 0 })
    expect(total.energyWh).toBe(24 * (100 + 100 * (15 / 16) + 2 * 100))
    expect(days).toEqual([{ day: '2026-11-16', side: total }])
    const starved = runSide(
      record([0, 0, 0, 0, 0], 1, () => 3.75),
      null,
      yardstick,
    )
    expect(starved.total.starvedCoreMinutes).toBeCloseTo(60 * (5 * 3.75 - 16))
  })

  it('moves VMs as the rules would, in time, and tells what that avoids', () => {
    const recorded = record([0, 0, 0, 0], 24, () => 3.75)
    const evened = runSide(recorded, balanced, yardstick)
    expect(evened.total.moves).toBeGreaterThanOrEqual(2)
    expect(evened.total.moves).toBeLessThan(8)
    expect(evened.total.bytes).toBe(evened.total.moves * 8 * gib)
    // The hold time and the moves themselves take a while.
    expect(evened.total.overloadMinutes).toBeGreaterThanOrEqual(5)
    expect(evened.total.overloadMinutes).toBeLessThan(60)
    expect(evened.total.meanSpreadCpu).toBeLessThan(0.2)
    // A threshold that only recommends counts as followed; as long as its cluster looks at loads at all.
    const manual: LoadRules = {
      ...off,
      balance: { ...off.balance, mode: 'manual', aim: 'overload', limit: 0.99 },
    }
    const relieved = runSide(recorded, { ...manual, thresholds: [threshold] }, yardstick)
    expect(relieved.total.moves).toBeGreaterThan(0)
    expect(relieved.total.overloadMinutes).toBeLessThan(60)
  })

  it('does not decide otherwise when the future is another', () => {
    const spike = (at: number) => (vm: number, time: number) =>
      time >= at && vm === 3 ? 4 : vm === 0 ? 4 : 2
    const at = fromAt + 6 * hour
    const [one, other] = [spike(at), spike(at + 12 * hour)].map((cores) =>
      runSide(record([0, 0, 0, 1, 1], 6, cores), balanced, yardstick),
    )
    expect(one).toEqual(other)
    expect(one!.total.moves).toBeGreaterThan(0)
  })

  it('lets hosts sleep at night, wakes them ahead of the day, and saves energy', () => {
    const day = (_: number, at: number) => {
      const o = (at % (24 * hour)) / hour
      return o >= 8 && o < 18 ? 3 : 0.3
    }
    const recorded = record([0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3], 48, day, 4)
    // Woken hosts get VMs by the balance.
    const power: LoadRules = { ...balanced, power: { ...defaultPowerSettings, mode: 'full' } }
    const nothing = runSide(recorded, null, yardstick)
    const saved = runSide(recorded, power, yardstick)
    expect(saved.total.sleeps).toBeGreaterThanOrEqual(2)
    expect(saved.total.wakes).toBeGreaterThanOrEqual(1)
    expect(saved.total.energyWh).toBeLessThan(0.9 * nothing.total.energyWh)
    expect(saved.total.starvedCoreMinutes).toBe(0)
  })

  it('gives the same figures twice, sums days up, and stops when it is told', () => {
    const cores = (vm: number, at: number) => 2 + 1.9 * Math.sin(at / 4e6 + vm)
    const recorded = record([0, 0, 0, 0, 1, 2], 48, cores)
    const shares: number[] = []
    const run = () =>
      runSide(recorded, balanced, yardstick, (share) => {
        shares.push(share)
        return true
      })
    const first = run()
    expect(run()).toEqual(first)
    expect(shares[0]).toBe(0)
    expect(shares.at(-1)).toBe(1)
    expect(first.days).toHaveLength(2)
    expect(first.days.reduce((sum, { side }) => sum + side.moves, 0)).toBe(first.total.moves)
    expect(() => runSide(recorded, balanced, yardstick, (share) => share < 0.5)).toThrow(Cancelled)
  })

  it('counts rules that are broken', () => {
    const apart = {
      kind: 'vm-vm',
      relation: 'apart',
      vmIds: ['vm-1', 'vm-2'],
      hosts: [],
      enabled: true,
    } as never
    const { total } = runSide(
      record([0, 0, 1], 2, () => 1),
      null,
      { limit: 0.8, rules: [apart] },
    )
    expect(total.ruleViolationMinutes).toBe(120)
  })

  it('says in words what the recording lacks', () => {
    const hole = (vm: number, at: number) => {
      const o = (at - fromAt) / hour
      return (o >= 3 && o < 5) || vm === 2 || (vm === 1 && o > 6) ? Number.NaN : 1
    }
    const recorded = record([0, 1, 2], 24, hole)
    const side = runSide(recorded, null, yardstick)
    expect(side.steps).toBe(22 * 12)
    const manual: LoadRules = { ...balanced, balance: { ...balanced.balance, mode: 'manual' } }
    const { gaps, days } = backtestOf(
      recorded,
      { present: off, proposed: manual },
      { nothing: side, present: side, proposed: side },
    )
    expect(days).toHaveLength(1)
    expect(gaps).toEqual([
      'From 16 Nov 03:00 to 16 Nov 05:00 UTC nothing was recorded: that time counts for nothing.',
      'Of web-3 nothing was recorded: it is left out.',
      expect.stringMatching(/^web-2 was recorded for less than 90 %/),
      'What the proposed rules would only recommend counts as done at once.',
    ])
  })
})

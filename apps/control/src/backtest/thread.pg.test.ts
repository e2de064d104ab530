import type { BacktestQuestion } from '@drover/control'
import { defaultBalanceSettings, defaultPowerSettings, type LoadPicture, type LoadRules } from '@drover/model'
import { prismaStore } from '@drover/store/prisma'
import { withDatabase } from '@drover/store/testing'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type BacktestThreads, backtestThreads } from './thread'

const database = withDatabase()
const quiet = { info: () => {}, warn: () => {}, error: () => {} }
const gib = 2 ** 30
const hour = 3_600_000
const fromAt = Date.UTC(2026, 10, 16)
const none = { cpu: 0, memory: 0, disk: 0, network: 0, pressure: 0 }

/** Four busy VMs on the first of two hosts. */
function question(): BacktestQuestion {
  const picture: LoadPicture = {
    at: fromAt + 24 * hour,
    clusterId: 'cluster-1',
    clusterName: 'blue',
    hosts: [1, 2].map((n) => ({
      id: `host-${n}` as const,
      name: `esx-${n}`,
      cores: 16,
      memoryBytes: 128 * gib,
      roomBytes: 120 * gib,
      promisedBytes: n === 1 ? 32 * gib : 0,
      promisedCpus: n === 1 ? 16 : 0,
      used: none,
      accepts: true,
      closed: null,
      standby: 'awake' as const,
      standbySince: 0,
      byHand: false,
      wakeProven: true,
      power: { idleWatts: 100, maxWatts: 200, asleepWatts: 10 },
    })),
    vms: [1, 2, 3, 4].map((n) => ({
      id: `vm-${n}` as const,
      name: `web-${n}`,
      vcpus: 4,
      memoryBytes: 8 * gib,
      at: 0,
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
  const present: LoadRules = {
    balance: defaultBalanceSettings,
    power: defaultPowerSettings,
    thresholds: [],
    rules: [],
    admission: { by: 'hosts', hostFailures: 1, reservedShare: 0.1, action: 'refuse' } as never,
    overcommitMemory: false,
  }
  const proposed: LoadRules = { ...present, balance: { ...defaultBalanceSettings, mode: 'full' } }
  return { picture, rules: { present, proposed }, fromAt, toAt: fromAt + 24 * hour, places: [0, 0, 0, 0] }
}

describe('backtests on threads of their own', () => {
  let threads: BacktestThreads
  beforeAll(async () => {
    const store = prismaStore({ url: database.url, log: quiet })
    await store.lead('a', 60_000)
    const count = 24 * 12
    const column = (value: number) => new Float32Array(4 * count).fill(value)
    const columns = { cpuMean: column(3.75), cpuP95: column(3.75), memoryMean: column(4 * gib) }
    const ids = ['vm-1', 'vm-2', 'vm-3', 'vm-4']
    await store.usage.record([{ width: '5m', fromAt, count, ids, columns }], { term: 1, daemon: 'a' })
    await store.close()
  })
  afterEach(() => threads.stop())

  it('read what was recorded, tell how far they are, and give the same figures twice', async () => {
    threads = backtestThreads(database.url, quiet)
    const shares: number[] = []
    let turns = 0
    const turning = setInterval(() => turns++, 1)
    const first = await threads.run(question(), (share) => shares.push(share)).result
    clearInterval(turning)
    expect(turns).toBeGreaterThan(5)
    expect(shares.at(-1)).toBe(1)
    expect([...shares].sort((a, b) => a - b)).toEqual(shares)
    expect(first.nothing).toMatchObject({ moves: 0, overloadMinutes: 24 * 60 })
    expect(first.present).toEqual(first.nothing)
    expect(first.proposed.moves).toBe(2)
    expect(first.proposed.overloadMinutes).toBeLessThan(60)
    expect(await threads.run(question(), () => {}).result).toEqual(first)
  }, 60_000)

  it('are cancelled at once', async () => {
    threads = backtestThreads(database.url, quiet)
    const run = threads.run(question(), () => {})
    run.cancel()
    await expect(run.result).rejects.toThrow(/ended before it was done/)
  }, 60_000)

  it('say what went wrong', async () => {
    threads = backtestThreads('postgresql://nobody@127.0.0.1:1/nothing', quiet)
    await expect(threads.run(question(), () => {}).result).rejects.toThrow(/cannot be reached/)
  }, 60_000)
})

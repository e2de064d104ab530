import {
  emptyWorld,
  type Host,
  newHostLive,
  setRow,
  type UsageField,
  type UsageWidth,
  usageWidthMs,
} from '@drover/model'
import { MemoryStore } from '@drover/store'
import { describe, expect, it } from 'vitest'
import { settled, TestClock } from '../testing/clock'
import { UsageRecorder } from './recorder'
import { measures, type Sample, Track } from './track'

const minute = 60_000
const hour = 60 * minute
const rest = {
  diskReadBytesPerSecond: 1,
  diskWriteBytesPerSecond: 2,
  networkInBytesPerSecond: 3,
  networkOutBytesPerSecond: 4,
}

const startedAt = Date.UTC(2026, 10, 22, 9)

/** A host of 8 cores with one VM, and a recorder that leads. */
async function stage(startAt = startedAt) {
  const clock = new TestClock()
  clock.jump(startAt - clock.now())
  const store = new MemoryStore(clock)
  const world = emptyWorld()
  const facts = { cpu: { cores: 8 } } as Host['facts']
  const host = {
    id: 'host-1',
    name: 'esx-1',
    clusterId: 'cluster-1',
    state: 'connected',
    mode: 'normal',
    facts,
  } as unknown as Host
  setRow(world, 'cluster', 'cluster-1', { id: 'cluster-1', power: null } as never)
  setRow(world, 'host', 'host-1', host)
  setRow(world, 'vm', 'vm-1', { id: 'vm-1', uuid: 'uuid-1', name: 'web', hostId: 'host-1' } as never)
  const warnings: string[] = []
  const log = {
    info: () => {},
    warn: (text: string) => warnings.push(text),
    error: (text: string) => warnings.push(text),
  }
  const lead = async (daemon: string) => {
    const won = await store.lead(daemon, 10 ** 9)
    return new UsageRecorder({ world, store: store.usage, clock, log, writer: { term: won!.term, daemon } })
  }
  /** What is heard from now on; null: nothing. */
  let cores: number | null = 1
  const pass = async (ms: number, next: number | null = cores) => {
    cores = next
    for (const until = clock.now() + ms; clock.now() < until; ) {
      if (cores !== null) {
        const live = world.live.get('host-1') ?? newHostLive(clock.now())
        world.live.set('host-1', live)
        live.heardAt = clock.now()
        live.usage = { cpu: cores / 8, memoryUsedBytes: 2_000, pressure: 0.25, ...rest }
        live.vms = new Map([['uuid-1', { cpu: cores, memoryUsedBytes: 1_000, ...rest }]])
      }
      await clock.pass(Math.min(10_000, until - clock.now()))
    }
    await settled()
  }
  const read = async (
    width: UsageWidth,
    id: string,
    count: number,
    field: UsageField = 'cpuMean',
    fromAt = startAt,
  ) => {
    const toAt = fromAt + count * usageWidthMs[width]
    const [series] = await store.usage.series({ ids: [id], width, fromAt, toAt, fields: [field] })
    return [...series!.columns[field]!]
  }
  return { clock, store, world, lead, pass, read, warnings, startAt }
}

it('knows nothing of the memory of a host that sleeps', () => {
  const track = new Track()
  const unheard = Object.fromEntries(measures.map((measure) => [measure, Number.NaN])) as Sample
  track.note(0, { ...unheard, watts: 5 })
  expect(track.rolledUp(1, 1)).toMatchObject({ wattsMean: 5, memoryMean: Number.NaN, memoryMax: Number.NaN })
})

describe('the recorder', () => {
  it('writes what hosts and VMs use every 20 s, and rolls it up', async () => {
    const { lead, pass, read } = await stage()
    await lead('a')
    await pass(4 * minute, 1)
    await pass(56 * minute, 3)
    expect(await read('raw', 'vm-1', 14)).toEqual([...new Array(12).fill(1), 3, 3])
    expect(await read('raw', 'host-1', 1, 'pressureMean')).toEqual([0.25])
    expect(await read('raw', 'host-1', 1, 'wattsMean')).toEqual([100 + 150 / 8])
    expect(await read('raw', 'vm-1', 1, 'diskMean')).toEqual([3])
    expect(await read('raw', 'vm-1', 1, 'pressureMean')).toEqual([Number.NaN])
    const [first, second] = await read('5m', 'vm-1', 2)
    expect(first).toBeCloseTo((12 * 1 + 3 * 3) / 15)
    expect(second).toBe(3)
    expect(await read('5m', 'vm-1', 1, 'cpuMax')).toEqual([3])
    expect(await read('5m', 'vm-1', 1, 'memoryMax')).toEqual([1_000])
    expect((await read('1h', 'vm-1', 1))[0]).toBeCloseTo((12 + 168 * 3) / 180)
    expect(await read('1h', 'vm-1', 1, 'cpuP95')).toEqual([3])
    expect(await read('1h', 'host-1', 1, 'cpuMax')).toEqual([3])
  })

  it('writes nothing where nothing was heard, and goes on', async () => {
    const { lead, pass, read } = await stage()
    await lead('a')
    await pass(5 * minute, 1)
    await pass(10 * minute, null)
    await pass(5 * minute, 2)
    const nothing = Number.NaN
    expect(await read('5m', 'vm-1', 4)).toEqual([1, nothing, nothing, 2])
    expect((await read('raw', 'vm-1', 60)).filter(Number.isNaN)).toHaveLength(30)
  })

  it('says what a VM is expected to need, within a minute, and forgets VMs that are gone', async () => {
    const { world, lead, pass } = await stage()
    await lead('a')
    await pass(2 * minute, 2)
    expect(world.load!.get('uuid-1')).toMatchObject({ cpu: 2, memory: 1_000, disk: 3, network: 7 })
    expect(world.load!.get('uuid-1')!.basis).toMatch(/trend of 30 min/)
    setRow(world, 'vm', 'vm-1', null)
    await pass(minute)
    expect(world.load!.size).toBe(0)
  })

  it('goes on where the leader before was: what it knew is read from the store', async () => {
    const { clock, store, world, lead, pass, read, startAt } = await stage()
    const old = await lead('a')
    await pass(50 * minute, 4)
    old.stop()
    await store.resign('a', 1)
    world.load!.clear()
    const recorder = await lead('b')
    expect(recorder.isKnown).toBe(false)
    await pass(10 * minute, 1)
    expect(recorder.isKnown).toBe(true)
    // The hour is of both.
    expect((await read('1h', 'vm-1', 1))[0]).toBeGreaterThan(3)
    expect(world.load!.get('uuid-1')!.cpuHigh).toBe(4)
    // The old one has nothing to say any more.
    old.stop()
    await pass(5 * minute)
    expect(clock.now()).toBe(startAt + 65 * minute)
  })

  it('makes up for what ended while nobody led, from what was sampled of it, and only once', async () => {
    const { store, lead, pass, read } = await stage()
    const old = await lead('a')
    await pass(58 * minute, 4)
    old.stop()
    await store.resign('a', 1)
    // Nobody leads while the five minutes and the hour end.
    await pass(4 * minute)
    expect((await read('5m', 'vm-1', 12)).at(-1)).toBeNaN()
    await lead('b')
    await pass(minute, 1)
    expect((await read('5m', 'vm-1', 12)).at(-1)).toBe(4)
    expect(await read('1h', 'vm-1', 1)).toEqual([4])
    expect(await read('1h', 'host-1', 1, 'wattsMean')).toEqual([175])
    await store.resign('b', 2)
    await store.usage.record(
      [{ width: '1h', fromAt: startedAt, count: 1, ids: ['vm-1'], columns: { cpuMean: Float32Array.of(9) } }],
      { term: (await store.lead('c', 10 ** 9))!.term, daemon: 'c' },
    )
    await store.resign('c', 3)
    await lead('d')
    await pass(minute)
    expect(await read('1h', 'vm-1', 1)).toEqual([9])
  })

  it('does not take its first seconds for the whole hour that a leader before began', async () => {
    const { store, lead, pass, read } = await stage()
    const old = await lead('a')
    await pass(59 * minute + 30_000, 4)
    old.stop()
    await store.resign('a', 1)
    await lead('b')
    store.away = true
    await pass(50_000, 1)
    store.away = false
    await pass(2 * minute, 1)
    const [mean] = await read('1h', 'vm-1', 1)
    expect(mean).toBeGreaterThan(3.9)
    expect((await read('5m', 'vm-1', 12)).at(-1)).toBeGreaterThan(3)
  })

  it('learns from a week what is usual at this time of day', async () => {
    const { store, world, lead, pass, startAt } = await stage()
    const hours = Float32Array.from({ length: 168 }, (_, i) => ((startAt / hour + i) % 24 === 10 ? 6 : 1))
    const columns = { cpuMean: hours, cpuP95: hours }
    await store.lead('a', 10 ** 9)
    await store.usage.record(
      [{ width: '1h', fromAt: startAt - 168 * hour, count: 168, ids: ['vm-1'], columns }],
      {
        term: 1,
        daemon: 'a',
      },
    )
    await lead('a')
    await pass(2 * minute, 1)
    expect(world.load!.get('uuid-1')!.aheadCpu!.slice(0, 3)).toEqual([1, 6, 1])
  })

  it('keeps what the database does not take, in order, and writes it when it is back', async () => {
    const { store, lead, pass, read } = await stage()
    await lead('a')
    await pass(5 * minute, 1)
    store.away = true
    await pass(20 * minute, 2)
    store.away = false
    await pass(2 * minute, 3)
    expect(await read('raw', 'vm-1', 78)).toEqual([
      ...new Array(15).fill(1),
      ...new Array(60).fill(2),
      3,
      3,
      3,
    ])
    expect(await read('5m', 'vm-1', 5)).toEqual([1, 2, 2, 2, 2])
  })

  it('stands still with its process, and begins afresh', async () => {
    const { clock, lead, pass, read, startAt } = await stage()
    await lead('a')
    await pass(5 * minute, 1)
    clock.jump(2 * hour)
    await pass(10 * minute, 5)
    expect(await read('5m', 'vm-1', 2, 'cpuMean', startAt + 2 * hour + 5 * minute)).toEqual([5, 5])
    expect((await read('raw', 'vm-1', 360)).filter((value) => value === 1).length).toBe(15)
  })
})

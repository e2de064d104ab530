import { beforeEach, describe, expect, test } from 'vitest'
import type { MigrateRequest } from '../port'
import { SimulatedDatacenter } from './datacenter'
import { demoDescription } from './demo'
import { SimulatedHypervisor } from './hypervisor'
import { demand, profileOf } from './load'
import { restore, save } from './saved'
import { VirtualClock } from './virtual-clock'

const description = () =>
  demoDescription({ seed: 11, clusters: [{ name: 'C', prefix: 'c', hosts: 3, vms: 30 }] })

let clock: VirtualClock
let datacenter: SimulatedDatacenter
let source: SimulatedHypervisor
let vm: string

beforeEach(() => {
  clock = new VirtualClock()
  datacenter = SimulatedDatacenter.from(description(), clock)
  source = new SimulatedHypervisor(datacenter, 'c-01')
  vm = [...datacenter.host('c-01').domains.values()].find(
    (d) => d.guest && !d.disks[0]!.path.startsWith('/srv/local'),
  )!.uuid
})

const to = (host: string, more: Partial<MigrateRequest> = {}): MigrateRequest => ({
  uuid: vm,
  targetAddress: datacenter.host(host).is.address,
  disks: [],
  bandwidthBytesPerSecond: 100_000_000,
  downtimeMs: null,
  autoConverge: true,
  postCopy: false,
  deadlineMs: null,
  ...more,
})
const failed = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no error',
    (error) => error.code as string,
  )

/** At every moment: at most one host runs it, and its counter does not go back. */
async function watched(promise: Promise<unknown>): Promise<string> {
  let last = 0
  let result: string | null = null
  failed(promise).then((code) => {
    result = code
  })
  for (let ms = 0; ms < 600_000 && result === null; ms += 50) {
    await clock.advance(50)
    expect(datacenter.activeOn(vm).length).toBeLessThanOrEqual(1)
    const counter = datacenter.counter(vm)
    if (counter !== null) {
      expect(counter).toBeGreaterThanOrEqual(last)
      last = counter
    }
  }
  return result ?? 'never ended'
}

describe('migrations in trouble', () => {
  test('the target loses its power: the guest runs on at the source', async () => {
    const going = source.migrate(to('c-02'), {})
    await clock.advance(3_000)
    datacenter.powerOff('c-02')
    expect(await watched(going)).toBe('unreachable')
    expect(datacenter.runningOn(vm)).toEqual(['c-01'])
  })

  test('the source loses its power: nothing is left on the target', async () => {
    const going = source.migrate(to('c-02'), {})
    await clock.advance(3_000)
    datacenter.powerOff('c-01')
    expect(await watched(going)).toBe('unreachable')
    expect(datacenter.activeOn(vm)).toEqual([])
    expect(datacenter.host('c-02').domains.has(vm)).toBe(false)
    datacenter.powerOn('c-01')
    expect(await source.domain(vm)).toMatchObject({ state: 'off', job: 'none' })
  })

  test('a cable is pulled: it gives up after seven seconds; plugged in again before, it goes on', async () => {
    const going = source.migrate(to('c-02'), {})
    await clock.advance(1_000)
    datacenter.setLink('c-02', false)
    await clock.advance(5_000)
    datacenter.setLink('c-02', true)
    await clock.advance(1_000)
    expect(datacenter.host('c-01').domains.get(vm)?.job).toBe('migration-out')
    datacenter.setPath('c-01', 'c-02', false)
    expect(await watched(going)).toBe('unreachable')
    expect(datacenter.runningOn(vm)).toEqual(['c-01'])
  })

  test('a guest that writes faster than the line is slowed down, or moved first and filled later', async () => {
    datacenter.profiles.set(vm, { ...datacenter.profile(vm), cpu: 1, dirtyBytesPerSecond: 2e9 })
    const never = to('c-02', { autoConverge: false, deadlineMs: 120_000 })
    expect(await watched(source.migrate(never, {}))).toBe('deadline')
    const throttled = to('c-02', { bandwidthBytesPerSecond: 500_000_000 })
    expect(await watched(source.migrate(throttled, {}))).toBe('no error')
    expect(datacenter.runningOn(vm)).toEqual(['c-02'])
    const back = new SimulatedHypervisor(datacenter, 'c-02')
    const postCopy = to('c-01', { autoConverge: false, postCopy: true })
    expect(await watched(back.migrate(postCopy, {}))).toBe('no error')
    expect(datacenter.runningOn(vm)).toEqual(['c-01'])
  })

  test('in post-copy the loss of either host is the loss of the guest, and never two of it', async () => {
    datacenter.profiles.set(vm, { ...datacenter.profile(vm), cpu: 1, dirtyBytesPerSecond: 2e9 })
    const going = source.migrate(to('c-02', { autoConverge: false, postCopy: true }), {})
    for (let i = 0; i < 5_000 && datacenter.runningOn(vm)[0] !== 'c-02'; i++) await clock.advance(50)
    await clock.advance(300)
    datacenter.powerOff('c-01')
    expect(await watched(going)).toBe('failed')
    expect(datacenter.activeOn(vm)).toEqual([])
    expect(datacenter.host('c-02').domains.get(vm)).toMatchObject({ state: 'crashed' })
  })

  test('fails when it is told to, once', async () => {
    datacenter.profiles.set(vm, { ...datacenter.profile(vm), cpu: 0.1, dirtyBytesPerSecond: 5e6 })
    datacenter.inject({ operation: 'migrate', uuid: vm, atFraction: 0.5, message: 'told to' })
    expect(await watched(source.migrate(to('c-02'), {}))).toBe('failed')
    expect(await watched(source.migrate(to('c-02'), {}))).toBe('no error')
  })
})

describe('the world', () => {
  test('power loss takes memory, not disks', async () => {
    await clock.advance(60_000)
    const before = datacenter.counter(vm)!
    datacenter.powerOff('c-01')
    expect(await failed(source.domains())).toBe('unreachable')
    datacenter.powerOn('c-01')
    expect(await source.domain(vm)).toMatchObject({ state: 'off' })
    await clock.until(source.start(vm))
    await clock.advance(20_000)
    expect(datacenter.counter(vm)).toBeGreaterThanOrEqual(before)
  })

  test('goes on after a save as if nothing had been', async () => {
    const going = failed(source.migrate(to('c-02', { bandwidthBytesPerSecond: 1_000_000 }), {}))
    await clock.advance(30_000)
    const counter = datacenter.counter(vm)!
    const again = restore(JSON.parse(JSON.stringify(save(datacenter))), clock)
    void going
    expect(again.runningOn(vm)).toEqual(['c-01'])
    expect(again.counter(vm)).toBe(counter)
    expect(again.host('c-02').domains.has(vm)).toBe(false)
    await clock.advance(1_000)
    expect(again.counter(vm)).toBe(counter + 10)
    const now = new SimulatedHypervisor(again, 'c-01')
    expect(await now.datastores()).toEqual(await source.datastores())
  })

  test('is the same for the same seed', async () => {
    const play = async () => {
      const time = new VirtualClock()
      const world = SimulatedDatacenter.from(description(), time)
      const host = new SimulatedHypervisor(world, 'c-01')
      await time.until(host.migrate(to('c-02'), {}))
      await time.advance(10_000)
      return JSON.stringify([save(world), await host.usage().then((u) => [u.host, ...u.vms])])
    }
    expect(await play()).toBe(await play())
  })

  test('is busy by day, and has bursts', () => {
    const profile = { ...profileOf('some vm', 1), cpu: 0.2, swing: 0.8, peakHour: 14, burst: 0 }
    const mean = (from: number) => {
      const samples = Array.from({ length: 360 }, (_, n) => demand(profile, from + n * 10_000))
      return samples.reduce((sum, x) => sum + x, 0) / samples.length
    }
    const day = 20_000 * 86_400_000
    expect(mean(day + 13.5 * 3_600_000)).toBeGreaterThan(2 * mean(day + 1.5 * 3_600_000))
    const bursting = { ...profile, burst: 1 }
    const highest = Math.max(...Array.from({ length: 60 }, (_, n) => demand(bursting, day + n * 5_000)))
    expect(highest).toBeGreaterThan(0.3)
  })
})

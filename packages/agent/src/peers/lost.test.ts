import {
  demoDescription,
  SimulatedBeats,
  SimulatedDatacenter,
  SimulatedHypervisor,
  unplug,
  VirtualClock,
} from '@drover/hypervisor/simulated'
import { beforeEach, describe, expect, test } from 'vitest'
import { Agent } from '../agent'
import { MemoryJournal } from '../journal/memory'
import { TestControl } from '../testing/control'
import { keysOf } from '../testing/keys'

let clock: VirtualClock
let datacenter: SimulatedDatacenter
let control: TestControl
/** The uuids of the datastores that both hosts have. */
let shared: string[]
/** Whether the other host answers, and writes its heartbeats. */
let other: { answers: boolean; beats: boolean }

beforeEach(async () => {
  clock = new VirtualClock()
  const clusters = [{ name: 'Alpha', prefix: 'alpha', hosts: 2, vms: 2 }]
  datacenter = SimulatedDatacenter.from(demoDescription({ seed: 3, clusters }), clock)
  const mounts = (name: string) => datacenter.host(name).is.mounts
  const theirs = mounts('alpha-02').map(({ datastore }) => datastore)
  shared = mounts('alpha-01').flatMap(({ datastore }) => (theirs.includes(datastore) ? [datastore] : []))
  other = { answers: true, beats: true }
  writeBeats(mounts('alpha-02').flatMap(({ datastore, path }) => (shared.includes(datastore) ? [path] : [])))
  control = new TestControl(clock)
  const keys = keysOf('source')
  control.keys.set('host-1', keys.publicKey)
  const agent = new Agent(
    {
      hypervisor: new SimulatedHypervisor(datacenter, 'alpha-01'),
      beats: new SimulatedBeats(datacenter, 'alpha-01'),
      machine: {
        uptimeMs: () => clock.now() - 1_759_999_000_000,
        shutdown: async () => {},
        goesDown: async () => false,
        reaches: async (_address, timeoutMs) => {
          // As the dead do: the try takes all of its time.
          if (!other.answers) await new Promise<void>((resolve) => clock.setTimer(timeoutMs, resolve))
          return other.answers
        },
        watchdog: null,
      },
      fencing: null,
      dial: control.dial,
      ...{ clock, keys, journal: new MemoryJournal() },
      log: { info() {}, warn() {}, error() {} },
      random: () => 0.5,
    },
    { hostId: 'host-1', address: '10.0.0.1', version: '0.1.0', bootId: 'boot-1', selfFence: null },
  )
  await agent.start()
  await clock.advance(3_000)
  const peers = [{ hostId: 'host-2', address: '10.0.0.2' }]
  const duties = {
    hostId: 'host-1',
    leaseMs: null,
    datastores: shared,
    isolationMs: 10_000,
    isolation: {},
    peers,
  }
  control.line!.end.receive('duties', duties)
  await clock.advance(5_000)
})

function writeBeats(roots: string[]): void {
  const beats = new SimulatedBeats(datacenter, 'alpha-02')
  let n = 0
  const tick = () => {
    clock.setTimer(1_000, tick)
    n++
    const beat = { hostId: 'host-2', bootId: 'b', n, alone: false, running: [] }
    if (other.beats) for (const root of roots) void beats.write(root, beat).catch(() => {})
  }
  tick()
}

/** How many heartbeats of this time are said before their second is over. */
async function early(seconds: number): Promise<number> {
  const at: number[] = []
  for (let ms = 0; ms < seconds * 1_000; ms += 5) {
    const before = control.heartbeats.length
    await clock.advance(5)
    if (control.heartbeats.length > before) at.push(clock.now())
  }
  return at.filter((time, i) => i > 0 && time - at[i - 1]! < 990).length
}

describe('a host that falls silent', () => {
  test('is told of at once by its peers, with how long ago they looked', async () => {
    const said = () => control.heartbeats.at(-1)!.peers[0]!
    expect(await early(5)).toBe(0)
    other.answers = false
    const lostAt = clock.now()
    while (said().ok) await clock.advance(10)
    // It was tried within a second, and got two to answer.
    expect(clock.now() - lostAt).toBeLessThanOrEqual(3_050)
    expect(said().agoMs).toBeGreaterThanOrEqual(2_000)
    expect(said().agoMs).toBeLessThan(2_100)
    // Once: that it still does not answer is nothing new.
    expect(await early(10)).toBe(0)
  })

  test('is told of at once by those who read its heartbeat, with how long ago they did', async () => {
    const said = () => control.heartbeats.at(-1)!.storage.find(({ uuid }) => uuid === shared[0])!
    expect(await early(5)).toBe(0)
    other.beats = false
    expect(await early(5)).toBe(1)
    expect(await early(10)).toBe(0)
    expect(said().beats[0]!.hostId).toBe('host-2')
    expect(said().agoMs).toBeLessThanOrEqual(1_100)
    for (const uuid of shared) unplug(datacenter, 'alpha-01', uuid, 'hanging')
    await clock.advance(2_500)
    expect(said().agoMs).toBeGreaterThan(1_400)
    expect(said().beats).toHaveLength(1)
    await clock.advance(2_000)
    expect(said().beats).toEqual([])
  })
})

import {
  demoDescription,
  plug,
  SimulatedBeats,
  SimulatedDatacenter,
  SimulatedHypervisor,
  unplug,
  VirtualClock,
} from '@drover/hypervisor/simulated'
import { agentGraceMs, type Beat, type Duties, killMs, selfFencedAt, stoppedAlone } from '@drover/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import { Agent } from '../agent'
import { MemoryJournal } from '../journal/memory'
import type { Log, Machine } from '../ports'
import { TestControl } from '../testing/control'
import { keysOf } from '../testing/keys'

const silent: Log = { info() {}, warn() {}, error() {} }
const leaseMs = 30_000
const keys = keysOf('source')

let clock: VirtualClock
let datacenter: SimulatedDatacenter
let control: TestControl
let journal: MemoryJournal
let agent: Agent
let machine: Machine & { fed: number; closed: number; wentDown: boolean[]; tried: string[] }
/** The uuids of the datastores that alpha-01 shares with alpha-02. */
let shared: string[]
let vms: string[]
let unreachable: Set<string>
/** The hypervisor does not say what runs. */
let hangs: boolean
/** How long the hypervisor hangs before it starts anything. */
let startMs = 0

function start(watchdog = false, selfFence: { watchdog: boolean } | null = { watchdog }): Promise<void> {
  machine = {
    fed: 0,
    closed: 0,
    wentDown: [],
    tried: [],
    uptimeMs: () => clock.now() - 1_759_999_000_000,
    shutdown: async (reboot) => void machine.wentDown.push(reboot),
    goesDown: async () => false,
    reaches: async (address) => {
      machine.tried.push(address)
      return !unreachable.has(address)
    },
    watchdog: watchdog
      ? {
          timeoutMs: 10_000,
          feed: () => void machine.fed++,
          close: () => void machine.closed++,
        }
      : null,
  }
  const hypervisor = new SimulatedHypervisor(datacenter, 'alpha-01')
  const begin = hypervisor.start.bind(hypervisor)
  hypervisor.start = async (uuid) => {
    await new Promise<void>((resolve) => clock.setTimer(startMs, resolve))
    return begin(uuid)
  }
  const look = hypervisor.domains.bind(hypervisor)
  hypervisor.domains = () => (hangs ? new Promise<never>(() => {}) : look())
  const beats = new SimulatedBeats(datacenter, 'alpha-01')
  agent = new Agent(
    {
      hypervisor,
      beats,
      machine,
      fencing: null,
      dial: control.dial,
      clock,
      journal,
      keys,
      log: silent,
      random: () => 0.5,
    },
    { hostId: 'host-1', address: '10.0.0.1', version: '0.1.0', bootId: 'boot-1', selfFence },
  )
  return agent.start()
}

const duties = (more: Partial<Duties> = {}): Duties => ({
  hostId: 'host-1',
  leaseMs,
  datastores: null,
  isolationMs: 10_000,
  isolation: {},
  peers: [],
  ...more,
})
const say = (more: Partial<Duties> = {}) => {
  control.line!.end.receive('duties', duties(more))
  return clock.advance(50)
}
const alive = () => vms.filter((uuid) => datacenter.activeOn(uuid).length > 0)
const beatOf = (uuid: string): Beat | undefined => datacenter.disks.datastores.get(uuid)!.beats.get('host-1')

/** Nobody answers any more; what is under way stays unanswered. */
function loseControl(): void {
  control.up = false
  control.hears = false
  control.cut()
}
function findControl(): void {
  control.up = true
  control.hears = true
}
function loseStorage(how: 'failing' | 'hanging' = 'failing'): void {
  for (const uuid of shared) unplug(datacenter, 'alpha-01', uuid, how)
}

/** A second host that is there all the while and says so on the datastores. */
let other: { alone: boolean; beats: boolean }
function otherHost(): void {
  const beats = new SimulatedBeats(datacenter, 'alpha-02')
  const mounts = datacenter.host('alpha-02').is.mounts.filter(({ datastore }) => shared.includes(datastore))
  let n = 0
  const tick = () => {
    clock.setTimer(1_000, tick)
    n++
    const beat = { hostId: 'host-2', bootId: 'b', n, alone: other.alone, running: ['not-told'] }
    if (other.beats) for (const { path } of mounts) void beats.write(path, beat).catch(() => {})
  }
  tick()
}

beforeEach(async () => {
  clock = new VirtualClock()
  const clusters = [{ name: 'Alpha', prefix: 'alpha', hosts: 2, vms: 12 }]
  datacenter = SimulatedDatacenter.from(demoDescription({ seed: 3, clusters }), clock)
  const mounts = (name: string) => datacenter.host(name).is.mounts.map(({ datastore }) => datastore)
  shared = mounts('alpha-01').filter((uuid) => mounts('alpha-02').includes(uuid))
  vms = [...datacenter.host('alpha-01').domains.values()].filter((d) => d.guest).map((d) => d.uuid)
  control = new TestControl(clock)
  control.keys.set('host-1', keys.publicKey)
  journal = new MemoryJournal()
  unreachable = new Set()
  startMs = 0
  hangs = false
  other = { alone: false, beats: true }
  otherHost()
  await start()
  await clock.advance(3_000)
  await say()
  await clock.advance(3_000)
  expect(vms.length).toBeGreaterThan(2)
})

describe('heartbeats on datastores', () => {
  test('go to every datastore each second, and those of others reach control', async () => {
    const before = beatOf(shared[0]!)!.n
    await clock.advance(5_000)
    const beat = beatOf(shared[0]!)!
    expect(beat.n - before).toBe(5_000)
    expect(beat).toMatchObject({ bootId: 'boot-1', alone: false })
    expect([...beat.running!].sort()).toEqual([...vms].sort())
    const { storage } = control.heartbeats.at(-1)!
    expect(storage).toHaveLength(3)
    expect(storage.every(({ ok }) => ok)).toBe(true)
    const seen = storage.find(({ uuid }) => uuid === shared[0])!.beats
    // What others run is told only when they cannot say it themselves.
    expect(seen).toMatchObject([{ hostId: 'host-2', alone: false, running: [] }])
  })

  test('a datastore that hangs blocks neither the others nor the heartbeat, and has one write waiting', async () => {
    const [hung, sound] = shared as [string, string]
    unplug(datacenter, 'alpha-01', hung, 'hanging')
    await clock.advance(60_000)
    const { storage } = control.heartbeats.at(-1)!
    expect(storage.find(({ uuid }) => uuid === hung)).toMatchObject({ ok: false, beats: [] })
    expect(storage.find(({ uuid }) => uuid === sound)).toMatchObject({ ok: true })
    const stale = beatOf(hung)!.n
    expect(beatOf(sound)!.n - stale).toBeGreaterThan(55_000)
    plug(datacenter, 'alpha-01', hung)
    await clock.advance(2_500)
    expect(control.heartbeats.at(-1)!.storage.find(({ uuid }) => uuid === hung)).toMatchObject({ ok: true })
    expect(alive()).toEqual(vms)
  })

  test('say that the host is alone, and what it still runs', async () => {
    loseControl()
    await clock.advance(6_000)
    expect(beatOf(shared[0]!)).toMatchObject({ alone: true })
    await clock.until(new SimulatedHypervisor(datacenter, 'alpha-01').stop(vms[0]!))
    await clock.advance(2_500)
    expect(beatOf(shared[0]!)!.running).not.toContain(vms[0])
  })

  test('say nothing of what runs when that was seen too long ago', async () => {
    loseControl()
    await clock.advance(6_000)
    const last = beatOf(shared[0]!)!
    expect(last.running).not.toBeNull()
    hangs = true
    await clock.advance(10_000)
    expect(beatOf(shared[0]!)).toMatchObject({ alone: true, running: null })
  })
})

describe('self-fencing', () => {
  test('without control and storage: at the end of the lease, not before, and everything', async () => {
    loseControl()
    loseStorage()
    await clock.advance(leaseMs - 2_500)
    expect(alive()).toEqual(vms)
    await clock.advance(2_500 + killMs)
    expect(alive()).toEqual([])
    findControl()
    await clock.advance(10_000)
    const off = control.reports.at(-1)!.domains.filter(({ uuid }) => vms.includes(uuid))
    expect(off.map(({ reason }) => reason)).toEqual(vms.map(() => stoppedAlone.selfFence))
    expect(alive()).toEqual([])
  })

  test('control is told which lease is written down, whenever that has changed', async () => {
    const lease = () => control.reports.at(-1)!.facts.selfFence?.lease
    await say({ datastores: shared })
    await clock.advance(100)
    expect(lease()).toEqual({ ms: leaseMs, datastores: shared })
    const put = journal.put.bind(journal)
    journal.put = () => Promise.reject(new Error('the disk is full'))
    await say({ datastores: shared, leaseMs: leaseMs / 2 })
    await control.say('ask', { what: 'report' })
    expect(lease()).toEqual({ ms: leaseMs, datastores: shared })
    journal.put = put
    await say({ datastores: shared, leaseMs: leaseMs / 2 })
    await clock.advance(100)
    expect(lease()).toEqual({ ms: leaseMs / 2, datastores: shared })
    await say({ datastores: shared, leaseMs: null })
    await clock.advance(100)
    expect(lease()).toBeNull()
  })

  test('a control daemon that may not lead any more does not renew the lease: another one may count on it', async () => {
    control.renews = false
    await clock.advance(5 * leaseMs)
    expect(alive()).toEqual(vms)
    expect(beatOf(shared[0]!)).toMatchObject({ alone: false })
    loseStorage()
    await clock.advance(leaseMs + killMs)
    expect(alive()).toEqual([])
  })

  test('a start that hangs until all is over is taken back: the VM may run elsewhere by then', async () => {
    await clock.until(new SimulatedHypervisor(datacenter, 'alpha-01').stop(vms[0]!))
    startMs = 3 * leaseMs
    await control.command('task-1/1', { kind: 'vm.start', uuid: vms[0]! })
    loseControl()
    loseStorage()
    await clock.advance(2 * leaseMs)
    expect(alive()).toEqual([])
    findControl()
    for (const uuid of shared) plug(datacenter, 'alpha-01', uuid)
    await clock.advance(2 * leaseMs)
    expect(alive()).toEqual([])
    expect(control.result('task-1/1')).toMatchObject({ ok: false, error: 'aborted' })
  })

  test('what will not die is killed again, until nothing runs', async () => {
    datacenter.inject({ operation: 'stop', host: 'alpha-01', uuid: vms[0]!, times: 3 })
    loseControl()
    loseStorage()
    await clock.advance(leaseMs + killMs)
    expect(alive()).toEqual([])
  })

  test('storage alone is enough to go on, control alone as well', async () => {
    loseControl()
    await clock.advance(5 * leaseMs)
    expect(alive()).toEqual(vms)
    findControl()
    await clock.advance(10_000)
    loseStorage()
    await clock.advance(5 * leaseMs)
    expect(alive()).toEqual(vms)
  })

  test('a datastore that no other host reads does not keep a host alive', async () => {
    const own = datacenter.host('alpha-01').is.mounts.find(({ datastore }) => !shared.includes(datastore))!
    loseControl()
    loseStorage()
    await clock.advance(leaseMs + killMs)
    expect(beatOf(own.datastore)!.n).toBeGreaterThan(0)
    expect(alive()).toEqual([])
  })

  test('control that names the datastores is obeyed', async () => {
    await say({ datastores: [shared[0]!] })
    loseControl()
    unplug(datacenter, 'alpha-01', shared[0]!, 'failing')
    await clock.advance(leaseMs + killMs)
    expect(beatOf(shared[1]!)!.n).toBeGreaterThan(0)
    expect(alive()).toEqual([])
  })

  test('control is back at the last moment: nothing is stopped', async () => {
    loseControl()
    loseStorage()
    await clock.advance(leaseMs - 8_000)
    findControl()
    await clock.advance(60_000)
    expect(agent.connected).toBe(true)
    expect(alive()).toEqual(vms)
  })

  test('a heartbeat that was sent and never answered renews nothing', async () => {
    control.hears = false
    loseStorage()
    await clock.advance(leaseMs - 2_500)
    expect(alive()).toEqual(vms)
    expect(agent.connected).toBe(true)
    await clock.advance(2_500 + killMs)
    expect(alive()).toEqual([])
  })

  test('a write that hangs renews the lease from when it began', async () => {
    loseControl()
    loseStorage('hanging')
    await clock.advance(leaseMs - 2_500)
    expect(alive()).toEqual(vms)
    await clock.advance(2_500 + killMs)
    expect(alive()).toEqual([])
  })

  test('a restart of the agent in the middle does not put it off', async () => {
    const lostAt = clock.now()
    loseControl()
    loseStorage()
    await clock.advance(20_000)
    await agent.stop()
    await clock.advance(3_000)
    await start()
    await clock.advance(lostAt + leaseMs - 2_500 - clock.now())
    expect(alive()).toEqual(vms)
    await clock.advance(2_500 + killMs)
    expect(alive()).toEqual([])
    expect(clock.now()).toBeLessThanOrEqual(selfFencedAt(lostAt, leaseMs))
  })

  test('an agent that starts after the end of its lease looks for control first, for a moment', async () => {
    await agent.stop()
    control.cut()
    await clock.advance(5 * leaseMs)
    await start()
    await clock.advance(20_000)
    expect(alive()).toEqual(vms)
    await agent.stop()
    loseControl()
    loseStorage()
    await clock.advance(5 * leaseMs)
    await start()
    await clock.advance(agentGraceMs - 500)
    expect(alive()).toEqual(vms)
    // One that crashes again and again has no moment for every life.
    await agent.stop()
    await start()
    await clock.advance(3_500)
    expect(alive()).toEqual([])
  })

  test('not without being asked to', async () => {
    await say({ leaseMs: null })
    loseControl()
    loseStorage()
    await clock.advance(10 * leaseMs)
    expect(alive().length).toBe(vms.length)
  })

  test('not where the host was configured never to', async () => {
    await agent.stop()
    await start(false, null)
    await clock.advance(3_000)
    await say()
    loseControl()
    loseStorage()
    await clock.advance(10 * leaseMs)
    expect(alive().length).toBe(vms.length)
  })

  test('a watchdog is fed until the lease is over, and let go of when the agent is asked to end', async () => {
    await agent.stop()
    await start(true)
    await clock.advance(10_000)
    expect(machine.fed).toBeGreaterThan(8)
    loseControl()
    loseStorage()
    await clock.advance(leaseMs - 2_500)
    expect(machine.fed).toBeGreaterThan(leaseMs / 1_000)
    await clock.advance(5_000)
    const { fed } = machine
    await clock.advance(20_000)
    expect(machine.fed).toBe(fed)
    await agent.stop()
    expect(machine.closed).toBe(1)
  })
})

describe('isolation', () => {
  const isolation = () => ({ [vms[0]!]: 'powerOff', [vms[1]!]: 'shutdown' }) as const
  const left = () => vms.slice(2)

  test('each VM as its owner wants it, and what it runs is told truthfully', async () => {
    await say({ isolation: isolation() })
    loseControl()
    await clock.advance(8_000)
    expect(alive()).toEqual(vms)
    await clock.advance(30_000)
    expect(alive()).toEqual(left())
    expect([...beatOf(shared[0]!)!.running!].sort()).toEqual([...left()].sort())
    findControl()
    await clock.advance(20_000)
    // Nothing is started again here, and control hears why they are off.
    expect(alive()).toEqual(left())
    const said = control.reports.at(-1)!.domains.filter(({ uuid }) => uuid in isolation())
    expect(said.map(({ reason }) => reason)).toEqual([stoppedAlone.isolation, stoppedAlone.isolation])
  })

  test('not while control is gone for everybody', async () => {
    await say({ isolation: isolation() })
    other.alone = true
    loseControl()
    await clock.advance(120_000)
    expect(alive()).toEqual(vms)
  })

  test('with nobody to read, peers decide', async () => {
    other.beats = false
    const peers = [{ hostId: 'host-2', address: '10.0.0.2' }]
    await say({ isolation: isolation(), peers })
    loseControl()
    await clock.advance(60_000)
    expect(alive()).toEqual(vms)
    unreachable.add('10.0.0.2')
    await clock.advance(60_000)
    expect(alive()).toEqual(left())
  })

  test('the duties are known after a restart without control', async () => {
    await say({ isolation: isolation() })
    await agent.stop()
    loseControl()
    await start()
    await clock.advance(60_000)
    expect(alive()).toEqual(left())
  })
})

describe('peers', () => {
  test('each is tried at least every five seconds, a few every second, and what came of it is told', async () => {
    const numbers = Array.from({ length: 12 }, (_, i) => i + 2)
    const peers = numbers.map((n) => ({ hostId: `host-${n}`, address: `10.0.0.${n}` }))
    unreachable.add('10.0.0.5')
    await say({ peers })
    machine.tried.length = 0
    await clock.advance(15_000)
    for (const { address } of peers) {
      expect(machine.tried.filter((tried) => tried === address).length).toBeGreaterThanOrEqual(3)
    }
    expect(machine.tried.length).toBeLessThanOrEqual(4 * 16)
    const told = control.heartbeats.at(-1)!.peers
    expect(told).toHaveLength(12)
    expect(told.filter(({ ok }) => !ok)).toMatchObject([{ hostId: 'host-5', ok: false }])
    await say({ peers: peers.slice(0, 3) })
    machine.tried.length = 0
    await clock.advance(5_000)
    expect(machine.tried).toHaveLength(3 * 5)
  })
})

describe('the host goes down', () => {
  test('once control has the answer', async () => {
    await control.command('task-9/1', { kind: 'host.shutdown', reboot: true })
    await clock.advance(1_000)
    expect(control.result('task-9/1')).toEqual({ ok: true, data: null })
    expect(machine.wentDown).toEqual([true])
    await clock.advance(20_000)
    expect(machine.wentDown).toEqual([true])
  })

  test('also when control cannot take the answer, with the answer on the disk', async () => {
    control.takesResults = false
    await control.command('task-9/1', { kind: 'host.shutdown', reboot: false })
    await clock.advance(3_000)
    expect(machine.wentDown).toEqual([])
    await clock.advance(3_000)
    expect(machine.wentDown).toEqual([false])
    await agent.stop()
    control.takesResults = true
    control.results.length = 0
    control.cut()
    await start()
    await clock.advance(5_000)
    expect(control.result('task-9/1')).toEqual({ ok: true, data: null })
    expect(machine.wentDown).toEqual([])
  })
})

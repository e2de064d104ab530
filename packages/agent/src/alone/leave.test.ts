import {
  demoDescription,
  plug,
  SimulatedBeats,
  SimulatedDatacenter,
  SimulatedHypervisor,
  unplug,
  VirtualClock,
} from '@drover/hypervisor/simulated'
import type { Beat } from '@drover/protocol'
import { expect, test } from 'vitest'
import { Agent } from '../agent'
import { MemoryJournal } from '../journal/memory'
import { TestControl } from '../testing/control'
import { keysOf } from '../testing/keys'

const leaseMs = 30_000
const name = 'alpha-01'

/** A host with a watchdog and VMs on storage that another host shares, whose agent has its duties. */
async function site() {
  const clock = new VirtualClock()
  const datacenter = SimulatedDatacenter.from(
    demoDescription({ seed: 3, clusters: [{ name: 'Alpha', prefix: 'alpha', hosts: 2, vms: 12 }] }),
    clock,
  )
  const mounts = (host: string) => datacenter.host(host).is.mounts.map(({ datastore }) => datastore)
  const shared = mounts(name).filter((uuid) => mounts('alpha-02').includes(uuid))
  const vms = [...datacenter.host(name).domains.values()].filter(({ guest }) => guest).map(({ uuid }) => uuid)
  const control = new TestControl(clock)
  const keys = keysOf('source')
  control.keys.set('host-1', keys.publicKey)
  const journal = new MemoryJournal()
  const watchdog = {
    timeoutMs: 10_000,
    fed: 0,
    closed: 0,
    feed: () => void watchdog.fed++,
    close: () => void watchdog.closed++,
  }
  const is = { goingDown: false }
  const begin = async (): Promise<Agent> => {
    const agent = new Agent(
      {
        hypervisor: new SimulatedHypervisor(datacenter, name),
        beats: new SimulatedBeats(datacenter, name),
        machine: {
          uptimeMs: () => clock.now() - 1_759_999_000_000,
          shutdown: async () => {},
          goesDown: async () => is.goingDown,
          reaches: async () => true,
          watchdog,
        },
        fencing: null,
        dial: control.dial,
        ...{ clock, journal, keys },
        log: { info() {}, warn() {}, error() {} },
        random: () => 0.5,
      },
      {
        hostId: 'host-1',
        address: '10.0.0.1',
        version: '0.1.0',
        bootId: 'boot-1',
        selfFence: { watchdog: true },
      },
    )
    await agent.start()
    await clock.advance(3_000)
    const duties = {
      hostId: 'host-1',
      leaseMs,
      datastores: shared,
      isolationMs: 10_000,
      isolation: {},
      peers: [],
    }
    control.line?.end.receive('duties', duties)
    await clock.advance(3_000)
    return agent
  }
  const agent = await begin()
  expect(watchdog.fed).toBeGreaterThan(0)
  return {
    ...{ clock, control, watchdog, shared, vms, is, begin },
    beat: (uuid = shared[0]!): Beat | undefined => datacenter.disks.datastores.get(uuid)!.beats.get('host-1'),
    alive: () => vms.filter((uuid) => datacenter.activeOn(uuid).length > 0),
    storage: (how: 'failing' | 'hanging' | null) => {
      for (const uuid of shared) how ? unplug(datacenter, name, uuid, how) : plug(datacenter, name, uuid)
    },
    loseControl: () => {
      Object.assign(control, { up: false, hears: false })
      control.cut()
    },
    stopVms: async () => {
      const hypervisor = new SimulatedHypervisor(datacenter, name)
      for (const uuid of vms) await clock.until(hypervisor.stop(uuid))
      await clock.advance(5_000)
    },
    leave: async () => {
      const left = agent.leave('SIGTERM')
      await clock.advance(3_000)
      await left
    },
  }
}

const goodbye = { why: 'SIGTERM', goesDown: false }

test('it says goodbye to control and on its datastores, with what runs, and then lets go of its watchdog', async () => {
  const { leave, control, shared, vms, beat, watchdog, clock, alive } = await site()
  await leave()
  expect(control.goodbyes).toEqual([{ ...goodbye, running: expect.arrayContaining(vms) }])
  for (const uuid of shared) expect(beat(uuid)).toMatchObject({ bootId: 'boot-1', goodbye })
  expect(watchdog.closed).toBe(1)
  const { n } = beat()!
  await clock.advance(2 * leaseMs)
  expect(beat()!.n).toBe(n)
  expect(alive()).toEqual(vms)
})

test('storage alone may hear it', async () => {
  const { leave, loseControl, control, beat, watchdog } = await site()
  loseControl()
  await leave()
  expect(control.goodbyes).toEqual([])
  expect(beat()).toMatchObject({ goodbye })
  expect(watchdog.closed).toBe(1)
})

test('control alone may hear it, and a datastore that hangs holds nobody up', async () => {
  const { leave, storage, control, watchdog } = await site()
  storage('hanging')
  await leave()
  expect(control.goodbyes).toHaveLength(1)
  expect(watchdog.closed).toBe(1)
})

test('where nobody took the word, somebody may count on its deadline: the watchdog stays armed', async () => {
  const { leave, loseControl, storage, watchdog } = await site()
  loseControl()
  storage('failing')
  await leave()
  expect(watchdog.closed).toBe(0)
})

test('a machine that shuts down is told apart', async () => {
  const { leave, is, control, watchdog } = await site()
  is.goingDown = true
  await leave()
  expect(control.goodbyes).toMatchObject([{ goesDown: true }])
  expect(watchdog.closed).toBe(1)
})

test('where nobody heard that, its watchdog stays armed while VMs run: they may do so for minutes', async () => {
  const { leave, is, loseControl, storage, watchdog, alive } = await site()
  is.goingDown = true
  loseControl()
  storage('failing')
  expect(alive()).not.toEqual([])
  await leave()
  expect(watchdog.closed).toBe(0)
})

test('where nobody heard that and nothing runs any more, it goes down in peace', async () => {
  const { leave, is, loseControl, storage, watchdog, stopVms } = await site()
  await stopVms()
  is.goingDown = true
  loseControl()
  storage('failing')
  await leave()
  expect(watchdog.closed).toBe(1)
})

test('the heartbeats of its next life say no goodbye any more', async () => {
  const { leave, begin, beat } = await site()
  await leave()
  await begin()
  expect(beat()!.goodbye).toBeUndefined()
})

import {
  emptyWorld,
  type Host,
  type HostId,
  type Sighting,
  setRow,
  type Task,
  type Vm,
  type World,
} from '@drover/model'
import type { Domain } from '@drover/protocol'
import { describe, expect, it } from 'vitest'
import type { Context } from '../context'
import { decideSightings } from './sightings'

const uuid = '3b241101-e2bb-4255-8caf-4136c566a962'
const ctx = { now: 100 } as Context

/** web-1 has just moved to esx-02, whose agent has not been able to say so yet. */
function justMoved(): World {
  const world = emptyWorld()
  for (const [id, name] of [
    ['host-1', 'esx-01'],
    ['host-2', 'esx-02'],
  ] as const) {
    setRow(world, 'host', id, {
      id,
      name,
      state: 'connected',
      datastores: [],
      networks: [],
    } as unknown as Host)
    world.live.set(id, { heardAt: 99, reportedAt: 1, usage: null, vms: new Map(), seen: new Map() })
  }
  const vm = {
    id: 'vm-1',
    name: 'web-1',
    uuid,
    hostId: 'host-2',
    power: 'running',
    desired: 'running',
    recovery: null,
    disks: [],
    nics: [],
  }
  setRow(world, 'vm', 'vm-1', vm as unknown as Vm)
  return world
}

const gone = (hostId: HostId) =>
  decideSightings(justMoved(), { hostId, domains: [], removed: [uuid], full: false }, ctx)

describe('a VM that a host does not have any more', () => {
  it('has not vanished because the host that it left says so: its home is asked', () => {
    expect(gone('host-1')).toMatchObject({
      ok: true,
      change: [],
      value: [{ hostId: 'host-2', ask: { what: 'report' } }],
    })
  })

  it('has vanished when its home says so', () => {
    expect(gone('host-2')).toMatchObject({ ok: true, change: [{ body: { kind: 'vm.vanished' } }] })
  })
})

describe('a VM that comes up on another host', () => {
  const anna = { kind: 'user', id: 'user-anna', name: 'anna' } as const

  /** Its home does not have it any more; esx-01 says since 50 how it is there. */
  function foundOnFirst(state: 'running' | 'off', tasks: Partial<Task>[] = []) {
    const world = justMoved()
    const seen = { state, moving: null, sinceAt: 50, seenAt: 99, reason: null } as unknown as Sighting
    world.live.get('host-1')!.seen.set(uuid, seen)
    for (const [i, task] of tasks.entries()) {
      const id = `task-${i + 1}` as const
      const params = { sourceId: 'host-2', targetId: 'host-1' }
      const row = {
        id,
        kind: 'vm.migrate',
        vmId: 'vm-1',
        state: 'failed',
        initiator: anna,
        params,
        createdAt: i,
      }
      setRow(world, 'task', id, { ...row, ...task } as unknown as Task)
    }
    const domains = [{ uuid, name: 'web-1', state, reason: null, disks: [], nics: [] }] as unknown as Domain[]
    return {
      world,
      decided: () => decideSightings(world, { hostId: 'host-1', domains, removed: [], full: false }, ctx),
    }
  }
  const givenUp = { outcome: { code: 'given_up' } } as Partial<Task>
  const moved = (outside: boolean) => ({ body: { kind: 'vm.moved', outside } })

  it('was brought there by somebody, where nothing of ours did', () => {
    const elsewhere = { ...givenUp, params: { sourceId: 'host-2', targetId: 'host-3' } } as Partial<Task>
    for (const tasks of [[], [givenUp, { kind: 'vm.restart' as const }], [elsewhere]])
      expect(foundOnFirst('running', tasks).decided()).toMatchObject({
        change: [{ ...moved(true), initiator: { kind: 'outside' } }],
      })
  })

  it('was brought there by our migration that nobody waited for any more', () => {
    const { decided } = foundOnFirst('running', [givenUp])
    expect(decided()).toMatchObject({ change: [{ ...moved(false), initiator: anna, taskId: 'task-1' }] })
  })

  it('is to run on, when its new host was lost with it before anybody heard of it', () => {
    const { world, decided } = foundOnFirst('off', [givenUp])
    setRow(world, 'host', 'host-1', { ...world.tables.host.get('host-1')!, stateSince: 60 })
    const change = [moved(false), { body: { kind: 'vm.power', to: 'off', outside: false } }]
    expect(decided()).toMatchObject({ change })
  })
})

import { emptyWorld, type Host, type HostId, setRow, type Vm, type World } from '@drover/model'
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
  const vm = { id: 'vm-1', name: 'web-1', uuid, hostId: 'host-2', power: 'running', disks: [], nics: [] }
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

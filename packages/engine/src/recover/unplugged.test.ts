import { type HostLive, type Incident, newHostLive, type StorageView, setRow } from '@drover/model'
import { describe, expect, it } from 'vitest'
import { House } from '../testing/house'
import { look, pass } from '../testing/loss'
import { decideUnplugged, unpluggedMs } from './unplugged'

/** What the host's heartbeats say of the shared datastore. */
function say(house: House, hostId: 'host-1' | 'host-2' | 'host-3', lostAt: number | null): void {
  const { uuid } = house.world.tables.datastore.get('datastore-1')!
  const live: HostLive = house.world.live.get(hostId) ?? newHostLive(house.now)
  const view: StorageView = { ok: lostAt === null, at: house.now, lostAt, beats: new Map() }
  live.storage.set(uuid, view)
  house.world.live.set(hostId, live)
}

/** A house in which host-1 runs `web` and lost its way to the shared datastore so long ago. */
function unplugged(ms: number): House {
  const house = new House()
  house.setVm('web', { power: 'paused', powerReason: 'a disk failed', desired: 'running' })
  say(house, 'host-1', house.now - ms)
  say(house, 'host-2', null)
  say(house, 'host-3', null)
  return house
}

function stops(house: House): string[] {
  house.accepted(decideUnplugged)
  return [...house.world.tables.task.values()]
    .filter(({ kind }) => kind === 'vm.stop')
    .map(({ vmName }) => vmName)
}

describe('a host that lost its way to a datastore', () => {
  it('gets its VMs stopped, and they go on elsewhere', () => {
    const house = unplugged(unpluggedMs)
    expect(stops(house)).toEqual(['web'])
    expect(house.vm('web')!.desired).toBe('running')
    pass(house, 10_000)
    look(house)
    expect(house.vm('web')).toMatchObject({ power: 'running', recovery: null })
    expect(house.vm('web')!.hostId).not.toBe('host-1')
    house.accepted(decideUnplugged)
    const [incident] = house.world.tables.incident.values()
    const name = house.world.tables.host.get(house.vm('web')!.hostId)!.name
    expect(incident).toMatchObject({ kind: 'datastore', state: 'open' })
    expect(incident!.vms).toMatchObject([{ state: 'running', host: { name }, why: null }])
    const [{ lostAt, askedAt, runningAt }] = incident!.vms as [Incident['vms'][number]]
    expect(askedAt).toBeGreaterThan(lostAt)
    expect(runningAt).toBeGreaterThanOrEqual(askedAt!)
    say(house, 'host-1', null)
    house.accepted(decideUnplugged)
    expect([...house.world.tables.incident.values()][0]!.state).toBe('closed')
  })

  describe('and has it back before its VM found a place', () => {
    function stuck() {
      const house = unplugged(unpluggedMs)
      expect(stops(house)).toEqual(['web'])
      for (const id of ['host-1', 'host-2', 'host-3'] as const) house.setHost(id, { mode: 'maintenance' })
      pass(house, 10_000)
      say(house, 'host-1', null)
      house.accepted(decideUnplugged)
      const story = () => [...house.world.tables.incident.values()][0]!
      expect(story()).toMatchObject({ state: 'open', vms: [{ state: 'waiting' }] })
      return { house, story }
    }

    it('has a story that says why it waits, and goes on until it runs', () => {
      const { house, story } = stuck()
      expect(story().vms[0]!.why).toContain('maintenance')
      house.setHost('host-2', { mode: 'normal' })
      pass(house, 10_000)
      look(house)
      house.accepted(decideUnplugged)
      expect(story()).toMatchObject({ state: 'closed', vms: [{ state: 'running' }] })
    })

    it('has a story that ends with the VM when that is deleted', () => {
      const { house, story } = stuck()
      setRow(house.world, 'vm', house.vm('web')!.id, null)
      house.accepted(decideUnplugged)
      expect(story().state).toBe('closed')
    })
  })

  it('has a story that does not say they run while nobody hears that, or since before they were missed', () => {
    const house = unplugged(unpluggedMs)
    house.setVm('web', { power: 'running', powerReason: null, powerSince: house.now - 60_000 })
    expect(stops(house)).toEqual(['web'])
    const [stop] = house.world.tables.task.values()
    setRow(house.world, 'task', stop!.id, { ...stop!, state: 'failed', endedAt: house.now, command: null })
    const vm = () => {
      house.now += 1_000
      house.accepted(decideUnplugged)
      return [...house.world.tables.incident.values()][0]!.vms[0]!
    }
    expect(vm()).toMatchObject({ state: 'waiting' })
    house.setHost('host-1', { state: 'suspect' })
    expect(vm()).toMatchObject({ state: 'waiting' })
    house.setHost('host-1', { state: 'connected' })
    say(house, 'host-1', null)
    expect(vm()).toMatchObject({ state: 'running', host: { id: 'host-1' }, runningAt: house.now })
  })

  it('keeps them while it may come back, while nobody else has it, and while nobody is to act', () => {
    expect(stops(unplugged(unpluggedMs - 1))).toEqual([])
    const everywhere = unplugged(unpluggedMs)
    for (const id of ['host-2', 'host-3'] as const) say(everywhere, id, everywhere.now)
    expect(stops(everywhere)).toEqual([])
    const alone = unplugged(unpluggedMs)
    alone.setVm('web', { ha: { ...alone.vm('web')!.ha, restart: 'none' } })
    expect(stops(alone)).toEqual([])
  })

  it('has VMs go on when it gets it back in time', () => {
    const house = unplugged(unpluggedMs)
    house.setVm('web', { powerSince: house.now - unpluggedMs })
    say(house, 'host-1', null)
    expect(stops(house)).toEqual([])
    const resumes = () => [...house.world.tables.task.values()].filter(({ kind }) => kind === 'vm.resume')
    expect(resumes()).toHaveLength(1)
    house.accepted(decideUnplugged)
    expect(resumes()).toHaveLength(1)
    const other = unplugged(unpluggedMs)
    other.setVm('web', { powerSince: other.now - unpluggedMs, powerReason: 'paused by a user' })
    say(other, 'host-1', null)
    other.accepted(decideUnplugged)
    expect(other.world.tables.task.size).toBe(0)
  })

  it('keeps them where no other host could run them', () => {
    const house = unplugged(unpluggedMs)
    for (const id of ['host-2', 'host-3'] as const) house.setHost(id, { mode: 'maintenance' })
    expect(stops(house)).toEqual([])
  })
})

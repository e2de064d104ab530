import type { HostId } from '@drover/model'
import { describe, expect, it } from 'vitest'
import { presentAlarms } from '../alarm/present'
import { situationOf } from '../host/evacuate/situation'
import { planFence } from '../host/fenceByHand'
import { House } from '../testing/house'
import { comeBack, lose, pass } from '../testing/loss'
import { decideDelete } from '../vm/delete'
import { checkOpen } from '../vm/place'
import { decideClean } from './clean'
import { ghostsOn, uncleanOn } from './unclean'

/** Removes web, which is off by then, from where it lives. */
function deleteWeb(house: House): string {
  const { id, uuid, hostId } = house.vm('web')!
  house.setVm('web', { power: 'off', desired: 'stopped' })
  house.guests.get(hostId)!.get(uuid)!.state = 'off'
  house.report(hostId)
  house.accepted((world, ctx) => decideDelete(world, { vmId: id, confirmName: 'web' }, ctx))
  house.run()
  expect(house.vm('web')).toBeUndefined()
  return uuid
}

/** web was lost on each of these hosts in turn, started elsewhere, and deleted while they were away. */
function deletedWithout(...away: HostId[]): { house: House; uuid: string } {
  const house = new House()
  for (const hostId of away) {
    expect(house.vm('web')!.hostId).toBe(hostId)
    lose(house, hostId)
    pass(house, 3_000)
  }
  return { house, uuid: deleteWeb(house) }
}

const hasIt = (house: House, hostId: HostId, uuid: string) => house.guests.get(hostId)!.has(uuid)
const cleans = (house: House) =>
  [...house.world.tables.task.values()].filter(({ kind }) => kind === 'host.clean')
const kinds = (house: House) => house.events.map(({ kind }) => kind)

describe('a VM that is deleted while a host is away that had it', () => {
  it('does not come back with that host: its definition is removed there', () => {
    const { house, uuid } = deletedWithout('host-1')
    expect(house.events).toContainEqual(
      expect.objectContaining({ kind: 'vm.deleted', left: [{ id: 'host-1', name: 'esx-1' }] }),
    )
    pass(house, 60_000)
    expect(house.host('host-1').leftovers).toMatchObject([{ name: 'web', uuid }])
    comeBack(house, 'host-1')
    expect(house.world.tables.vm.size).toBe(0)
    expect(uncleanOn(house.world, house.host('host-1'))).toMatchObject([{ name: 'web' }])
    pass(house, 2_000)
    expect(hasIt(house, 'host-1', uuid)).toBe(false)
    expect(house.host('host-1').leftovers).toBeUndefined()
    expect(house.world.tables.vm.size).toBe(0)
    expect(kinds(house)).toContain('vm.cleared')
    expect(checkOpen(house.world, house.host('host-1'))).toEqual([])
  })

  it('is removed from every such host, in maintenance too', () => {
    const { house, uuid } = deletedWithout('host-1', 'host-2')
    house.setHost('host-2', { mode: 'maintenance' })
    for (const hostId of ['host-2', 'host-1'] as const) {
      expect(house.host(hostId).leftovers).toHaveLength(1)
      comeBack(house, hostId)
      pass(house, 2_000)
      expect(hasIt(house, hostId, uuid)).toBe(false)
      expect(house.host(hostId).leftovers).toBeUndefined()
    }
  })

  it('is forgotten of a host that was wiped, without a task', () => {
    const { house } = deletedWithout('host-1')
    house.guests.get('host-1')!.clear()
    comeBack(house, 'host-1')
    house.accepted(decideClean)
    expect(house.host('host-1').leftovers).toBeUndefined()
    expect(cleans(house)).toEqual([])
  })

  it('may be defined again elsewhere: the old definition is removed, and not the VM', () => {
    const { house, uuid } = deletedWithout('host-1')
    house.guests.get('host-3')!.set(uuid, { state: 'off', paths: [], text: 'defined by hand' })
    house.report('host-3')
    const [again] = house.world.tables.vm.values()
    expect(again).toMatchObject({ uuid, hostId: 'host-3', staleOn: ['host-1'] })
    expect(house.host('host-1').leftovers).toBeUndefined()
    comeBack(house, 'host-1')
    pass(house, 2_000)
    expect(hasIt(house, 'host-1', uuid)).toBe(false)
    expect(house.world.tables.vm.get(again!.id)).toMatchObject({ hostId: 'host-3', staleOn: [] })
  })

  it('and defined again on the same host, once that was cleaned, is a VM like any other', () => {
    const { house, uuid } = deletedWithout('host-1')
    comeBack(house, 'host-1')
    pass(house, 2_000)
    house.guests.get('host-1')!.set(uuid, { state: 'off', paths: [], text: 'defined by hand' })
    house.report('host-1')
    expect([...house.world.tables.vm.values()]).toMatchObject([{ uuid, hostId: 'host-1' }])
  })
})

describe('a deleted VM that runs on a host that is back', () => {
  function haunted() {
    const made = deletedWithout('host-1')
    const guest = made.house.guests.get('host-1')!.get(made.uuid)!
    guest.state = 'running'
    comeBack(made.house, 'host-1')
    pass(made.house, 30_000)
    return { ...made, guest }
  }

  it('is neither adopted nor stopped, but an alarm', () => {
    const { house, guest } = haunted()
    expect(guest.state).toBe('running')
    expect(house.world.tables.vm.size).toBe(0)
    expect(cleans(house)).toEqual([])
    const alarms = presentAlarms(house.world, house.now).filter(({ about }) => about.id === 'host-1')
    expect(alarms).toMatchObject([{ code: 'deleted_vms_run', severity: 'error' }])
    expect(alarms[0]!.text).toContain('esx-1 runs web, which was deleted while it could not be heard')
  })

  it('keeps others off its host, and the host from being switched off without a word of it', () => {
    const { house } = haunted()
    const host = house.host('host-1')
    const runs = [{ code: 'deleted_vms_run', vms: [{ name: 'web' }] }]
    expect(checkOpen(house.world, host)).toMatchObject(runs)
    expect(situationOf(house.world, host, 'shutdown')).toMatchObject(runs)
    expect(planFence(house.world, host).vms).toMatchObject([{ name: 'web' }])
  })

  it('is removed once somebody has shut it down', () => {
    const { house, uuid, guest } = haunted()
    guest.state = 'off'
    pass(house, 2_000)
    expect(hasIt(house, 'host-1', uuid)).toBe(false)
    expect(ghostsOn(house.world, house.host('host-1'))).toEqual([])
    expect(checkOpen(house.world, house.host('host-1'))).toEqual([])
  })
})

describe('a VM that is deleted', () => {
  it('is removed as well from a host that can be heard and has a definition of it', () => {
    const house = new House()
    const { uuid } = house.vm('web')!
    house.report('host-1')
    house.guests.get('host-2')!.set(uuid, { state: 'off', paths: [], text: 'copied by hand' })
    house.report('host-2')
    deleteWeb(house)
    house.report('host-2')
    pass(house, 2_000)
    expect(hasIt(house, 'host-2', uuid)).toBe(false)
    expect(house.world.tables.vm.size).toBe(0)
  })
})

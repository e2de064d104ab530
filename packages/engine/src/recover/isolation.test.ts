import type { Beat } from '@drover/model'
import { describe, expect, it } from 'vitest'
import { House } from '../testing/house'
import { look, pass } from '../testing/loss'
import { sourceOf } from './source'

/** The first host is cut off, and the second reads its heartbeats on the shared datastore. */
function isolated(response: 'leave' | 'shutdown' | 'powerOff' | null): House {
  const house = new House()
  house.setVm('web', { ha: { ...house.vm('web')!.ha, isolation: response } })
  house.setHost('host-1', { state: 'isolated' })
  return house
}

function beat(house: House, set: Partial<Beat>, at = house.now): void {
  const uuid = house.world.tables.datastore.get('datastore-1')!.uuid
  const said: Beat = { bootId: 'boot-1', n: 1, changedAt: at, alone: true, running: [], ...set }
  const view = { ok: true, at, beats: new Map([['host-1', said] as const]) }
  house.world.live.get('host-2')!.storage.set(uuid, view)
}

const may = (house: House) => sourceOf(house.world, house.vm('web')!, 'host-1', house.now).may
const restarts = (house: House) =>
  [...house.world.tables.task.values()].filter(({ kind }) => kind === 'vm.restart')

describe('a host that is cut off', () => {
  it.each(['shutdown', 'powerOff'] as const)(
    'lets go of a VM by its response %s, and says so',
    (response) => {
      const house = isolated(response)
      beat(house, { running: [house.vm('web')!.uuid] })
      expect(may(house)).toBe('no')
      house.guests.get('host-1')!.get(house.vm('web')!.uuid)!.state = 'off'
      beat(house, {})
      expect(may(house)).toBe('yes')
      look(house)
      expect(restarts(house)).toHaveLength(1)
      // The heartbeats go on while it is being restarted.
      house.check = () => beat(house, {})
      pass(house, 2_000)
      const web = house.vm('web')!
      expect(web).toMatchObject({ power: 'running', staleOn: ['host-1'], recovery: null })
      expect(house.runsOn(web.uuid)).toEqual([web.hostId])
    },
  )

  it('keeps a VM that is to be left on, whatever its heartbeats list', () => {
    const house = isolated('leave')
    beat(house, {})
    expect(may(house)).toBe('no')
    pass(house, 5_000)
    expect(restarts(house)).toEqual([])
  })

  it('is not believed when its word is old, when it is not alone, or when another reader still sees the VM', () => {
    const house = isolated('powerOff')
    expect(may(house)).toBe('no')
    beat(house, {}, house.now - 3_001)
    expect(may(house)).toBe('no')
    beat(house, { alone: false })
    expect(may(house)).toBe('no')
    beat(house, {})
    const other = house.world.live.get('host-2')!.storage.values().next().value!
    const still = { ...other.beats.get('host-1')!, running: [house.vm('web')!.uuid] }
    house.world.live.get('host-3')!.storage.set('x', { ...other, beats: new Map([['host-1', still]]) })
    expect(may(house)).toBe('no')
    house.setHost('host-3', { state: 'suspect' })
    expect(may(house)).toBe('yes')
    house.setHost('host-2', { state: 'suspect' })
    expect(may(house)).toBe('no')
  })
})

describe('a host that counts as dead', () => {
  it('is not believed to be while it writes that it runs a VM', () => {
    const house = isolated('leave')
    const running = [house.vm('web')!.uuid]
    const proof = { by: 'person', at: house.now, text: 'ada said so', person: 'ada' } as const
    house.setHost('host-1', { state: 'fenced', proof })
    beat(house, { running })
    // Its last words may be read a little later.
    expect(may(house)).toBe('yes')
    house.now += 10_000
    beat(house, { running })
    expect(may(house)).toBe('no')
    beat(house, {})
    expect(may(house)).toBe('yes')
    beat(house, { running }, house.now - 4_000)
    expect(may(house)).toBe('yes')
  })
})

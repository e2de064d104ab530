import { describe, expect, it } from 'vitest'
import { House } from '../testing/house'
import { comeBack, look, lose, pass } from '../testing/loss'
import { decideClean } from './clean'
import { uncleanOn } from './unclean'

/** web was lost on the first host and runs on another one. */
function restarted(): House {
  const house = new House()
  lose(house, 'host-1')
  pass(house, 3_000)
  expect(house.vm('web')).toMatchObject({ power: 'running', staleOn: ['host-1'] })
  house.now += 60_000
  return house
}

const onFirst = (house: House) => house.guests.get('host-1')!.get(house.vm('web')!.uuid)

describe('a host that comes back', () => {
  it('gives up what lives elsewhere now, and gets nothing before that', () => {
    const house = restarted()
    comeBack(house, 'host-1')
    expect(uncleanOn(house.world, house.host('host-1'))).toMatchObject([{ name: 'web' }])
    pass(house, 1_000)
    expect(onFirst(house)).toBeUndefined()
    expect(uncleanOn(house.world, house.host('host-1'))).toEqual([])
    expect(house.vm('web')).toMatchObject({ power: 'running', staleOn: [] })
    expect(house.runsOn(house.vm('web')!.uuid)).toEqual([house.vm('web')!.hostId])
  })

  it('is not asked while it cannot be heard', () => {
    const house = restarted()
    look(house)
    expect(house.commands.filter(({ body }) => body.kind === 'vm.undefine')).toEqual([])
  })

  it('without a trace of them is clean at once', () => {
    const house = restarted()
    house.guests.get('host-1')!.clear()
    comeBack(house, 'host-1')
    house.accepted(decideClean)
    expect(house.vm('web')!.staleOn).toEqual([])
    expect([...house.world.tables.task.values()].some(({ kind }) => kind === 'host.clean')).toBe(false)
  })

  it('and runs one of them again beside its home is stopped there, hard', () => {
    const house = restarted()
    const home = house.vm('web')!.hostId
    onFirst(house)!.state = 'running'
    comeBack(house, 'host-1')
    for (const id of house.guests.keys()) house.report(id)
    house.accepted(decideClean)
    house.run()
    expect(house.commands.slice(-2).map(({ hostId, body }) => [hostId, body.kind])).toEqual([
      ['host-1', 'vm.stop'],
      ['host-1', 'vm.undefine'],
    ])
    expect(house.runsOn(house.vm('web')!.uuid)).toEqual([home])
    house.now += 5_000
    for (const id of house.guests.keys()) house.report(id)
    expect(house.vm('web')).toMatchObject({ power: 'running', hostId: home, desired: 'running' })
  })

  it('and runs one that its home does not run keeps it: that one is the VM', () => {
    const house = restarted()
    const { uuid, hostId } = house.vm('web')!
    house.guests.get(hostId)!.get(uuid)!.state = 'off'
    onFirst(house)!.state = 'running'
    comeBack(house, 'host-1')
    house.report(hostId)
    house.report('host-1')
    pass(house, 5_000)
    expect(house.commands.filter(({ body }) => body.kind === 'vm.stop')).toEqual([])
    expect(house.vm('web')).toMatchObject({ power: 'running', hostId: 'host-1' })
  })

  it('that never was proven dead is left alone: what is defined there was put there by somebody', () => {
    const house = new House()
    const web = house.vm('web')!
    house.guests.get('host-2')!.set(web.uuid, { ...house.guests.get('host-1')!.get(web.uuid)!, state: 'off' })
    house.report('host-2')
    house.report('host-1')
    pass(house, 3_000)
    expect(house.guests.get('host-2')!.has(web.uuid)).toBe(true)
  })
})

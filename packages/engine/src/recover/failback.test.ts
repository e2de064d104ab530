import { setRow } from '@drover/model'
import { describe, expect, it } from 'vitest'
import { House } from '../testing/house'
import { comeBack, lose, pass } from '../testing/loss'
import { settleMs } from './failback'

function settleIncidents(house: House): void {
  for (const id of house.world.index.openIncidents) {
    const incident = house.world.tables.incident.get(id)!
    setRow(house.world, 'incident', id, { ...incident, state: 'closed', closedAt: house.now })
  }
}

function restarted(failback: boolean): House {
  const house = new House()
  house.setVm('web', { ha: { ...house.vm('web')!.ha, failback } })
  lose(house, 'host-1')
  pass(house, 3_000)
  expect(house.vm('web')).toMatchObject({ power: 'running', homeId: 'host-1' })
  comeBack(house, 'host-1')
  return house
}

describe('failback', () => {
  it('brings a VM home when the host has been back for a while and all is well', () => {
    const house = restarted(true)
    pass(house, settleMs + 10_000)
    expect(house.vm('web')!.hostId).not.toBe('host-1')
    settleIncidents(house)
    pass(house, settleMs - 5_000)
    expect(house.vm('web')!.hostId).not.toBe('host-1')
    pass(house, 10_000)
    expect(house.vm('web')).toMatchObject({ power: 'running', hostId: 'host-1', homeId: null })
    expect(house.runsOn(house.vm('web')!.uuid)).toEqual(['host-1'])
  })

  it('is a setting', () => {
    const house = restarted(false)
    settleIncidents(house)
    pass(house, 2 * settleMs)
    expect(house.vm('web')!.hostId).not.toBe('host-1')
  })

  it('follows a rule that prefers a host, by priority, and not one that is being emptied', () => {
    const house = new House()
    house.setVm('web', { ha: { ...house.vm('web')!.ha, failback: true } })
    const hosts = [
      { hostId: 'host-3', priority: 2 },
      { hostId: 'host-2', priority: 1 },
    ] as const
    setRow(house.world, 'rule', 'rule-1', {
      id: 'rule-1',
      clusterId: 'cluster-1',
      name: 'home',
      kind: 'vm-host',
      relation: 'on',
      strict: false,
      vmIds: [house.vm('web')!.id],
      hosts: [...hosts],
      enabled: true,
      version: 1,
      createdAt: 0,
    })
    house.setHost('host-3', { mode: 'entering' })
    pass(house, settleMs + 5_000)
    expect(house.vm('web')!.hostId).toBe('host-2')
    house.setHost('host-3', { mode: 'normal' })
    pass(house, 10_000)
    expect(house.vm('web')!.hostId).toBe('host-3')
  })

  it('that fails is not tried again and again', () => {
    const house = restarted(true)
    settleIncidents(house)
    house.fault = (_n, { kind }) => (kind === 'vm.migrate' ? 'failed' : null)
    pass(house, settleMs + 60_000)
    const tries = [...house.world.tables.task.values()].filter(({ kind }) => kind === 'vm.migrate')
    expect(tries).toHaveLength(1)
  })
})

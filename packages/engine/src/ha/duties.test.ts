import { describe, expect, it } from 'vitest'
import { House } from '../testing/house'
import { dutiesOf } from './duties'

const duties = (house: House) => dutiesOf(house.world, house.world.tables.cluster.get('cluster-1')!)

describe('what agents have to do when they are alone', () => {
  it('names the peers that each watches: all of a small cluster, and no silent one watches', () => {
    const house = new House()
    expect(
      duties(house)
        .get('host-1')!
        .peers.map(({ hostId }) => hostId)
        .sort(),
    ).toEqual(['host-2', 'host-3'])
    house.setHost('host-2', { state: 'suspect' })
    expect(duties(house).get('host-2')!.peers).toEqual([])
    expect(
      duties(house)
        .get('host-3')!
        .peers.map(({ hostId }) => hostId)
        .sort(),
    ).toEqual(['host-1', 'host-2'])
  })

  it('gives a lease only to those who keep it, on storage that others can read', () => {
    const house = new House()
    expect(duties(house).get('host-1')).toMatchObject({ leaseMs: null })
    house.setHost('host-1', { facts: { ...house.host('host-1').facts!, selfFence: { watchdog: true } } })
    const shared = house.world.tables.datastore.get('datastore-1')!.uuid
    expect(duties(house).get('host-1')).toMatchObject({ leaseMs: 30_000, datastores: [shared] })
    for (const id of ['host-2', 'host-3'] as const) house.setHost(id, { datastores: [] })
    expect(duties(house).get('host-1')).toMatchObject({ leaseMs: null, datastores: [] })
  })

  it('says which VMs to stop, as the VM says, else as the cluster', () => {
    const house = new House()
    const { uuid, ha } = house.vm('web')!
    expect(duties(house).get('host-1')!.isolation).toEqual({})
    house.setVm('web', { ha: { ...ha, isolation: 'powerOff' } })
    expect(duties(house).get('host-1')!.isolation).toEqual({ [uuid]: 'powerOff' })
  })
})

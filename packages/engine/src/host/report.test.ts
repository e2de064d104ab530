import { emptyWorld, type Host, setRow } from '@drover/model'
import type { Report } from '@drover/protocol'
import { describe, expect, it } from 'vitest'
import type { Context } from '../context'
import { House } from '../testing/house'
import { decideReport } from './report'

const facts = {} as Report['facts']
const image = { name: 'debian-12', format: 'qcow2', sizeBytes: 1 } as const

describe('the report of a host', () => {
  it('keeps images by their path within the datastore, wherever the host has it mounted', () => {
    const world = emptyWorld()
    setRow(world, 'cluster', 'cluster-1', {
      id: 'cluster-1',
      datacenterId: 'datacenter-1',
      name: 'c',
    } as never)
    const host = {
      id: 'host-1',
      clusterId: 'cluster-1',
      name: 'esx-01',
      state: 'connected',
      datastores: [],
      networks: [],
    }
    setRow(world, 'host', 'host-1', { ...host, facts } as unknown as Host)
    const datastore = {
      uuid: '3b241101-e2bb-4255-8caf-4136c566a962',
      name: 'shared',
      path: '/srv/shared/',
      capacityBytes: 10,
      freeBytes: 5,
      images: [{ ...image, path: '/srv/shared/images/debian-12.qcow2' }],
    }
    const ctx = { now: 1, ids: { next: (kind: string) => `${kind}-1` } } as unknown as Context
    const decision = decideReport(
      world,
      { hostId: 'host-1', report: { facts, datastores: [datastore], networks: [] } },
      ctx,
    )
    expect(decision).toMatchObject({ ok: true })
    const rows = decision.ok ? decision.change.flatMap((event) => event.rows) : []
    expect(rows.find(({ table }) => table === 'datastore')?.row).toMatchObject({
      images: [{ ...image, path: 'images/debian-12.qcow2' }],
    })
  })

  it('remembers where a datastore was while VMs of the host have disks there', () => {
    const house = new House()
    const mounts = () =>
      house.host('host-1').datastores.map(({ datastoreId, lostAt }) => [datastoreId, lostAt])
    const told = (datastores: Report['datastores']) => {
      const { facts } = house.host('host-1')
      const report = { facts: facts!, datastores, networks: ['lan'] }
      house.accepted((world, ctx) => decideReport(world, { hostId: 'host-1', report }, ctx))
    }
    house.addVm('db', 'host-1', 'datastore-1', 'running')
    told([])
    expect(mounts()).toEqual([['datastore-1', house.now]])
    const { uuid, name, images } = house.world.tables.datastore.get('datastore-1')!
    const { path } = house.host('host-1').datastores[0]!
    told([{ uuid, name, path, capacityBytes: 1, freeBytes: 1, images: images.map((one) => ({ ...one })) }])
    expect(mounts()).toEqual([['datastore-1', undefined]])
  })
})

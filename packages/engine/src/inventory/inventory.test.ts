import { sayRefusals, type World } from '@drover/model'
import { describe, expect, it } from 'vitest'
import type { Context } from '../context'
import { decideExitMaintenance } from '../host/exitMaintenance'
import { decideEnterMaintenance } from '../host/maintenance'
import { decideRemove } from '../host/remove'
import { decideGiveUp } from '../task/giveUp'
import { decideAdvance } from '../task/result'
import { House } from '../testing/house'
import { decideChange } from '../vm/change'
import { decideCreate } from '../vm/create'
import { decideDelete } from '../vm/delete'
import { decideMigrate } from '../vm/migrate'
import { decidePower } from '../vm/power'
import { decideChangeCluster, decideCreateCluster, decideDeleteCluster } from './cluster'
import { decideCreateDatacenter, decideDeleteDatacenter, decideRenameDatacenter } from './datacenter'

const gib = 1024 ** 3

function refusalsOf(decision: { ok: boolean; refusals?: { code: string }[] }): string[] {
  return decision.ok ? [] : (decision.refusals ?? []).map(({ code }) => code)
}

describe('datacenters and clusters', () => {
  it('have names of their own, and go only when they are empty', () => {
    const house = new House()
    const { datacenterId } = house.accepted((w, c) => decideCreateDatacenter(w, { name: 'south' }, c))
    const { clusterId } = house.accepted((w, c) => decideCreateCluster(w, { datacenterId, name: 'green' }, c))
    const rename = (name: string) =>
      house.decide((w, c) => decideRenameDatacenter(w, { datacenterId, name }, c))
    expect(refusalsOf(rename('north'))).toEqual(['name_taken'])
    expect(refusalsOf(rename(' '))).toEqual(['invalid'])
    expect(rename('west').ok).toBe(true)
    expect(refusalsOf(house.decide((w, c) => decideDeleteDatacenter(w, { datacenterId }, c)))).toEqual([
      'not_empty',
    ])
    const full = { clusterId: 'cluster-1' }
    expect(refusalsOf(house.decide((w, c) => decideDeleteCluster(w, full, c)))).toEqual(['not_empty'])
    const limits = { clusterId, changes: { migrationLimits: { perHost: 0 } } }
    expect(refusalsOf(house.decide((w, c) => decideChangeCluster(w, limits, c)))).toEqual(['invalid'])
    const four = { clusterId, changes: { migrationLimits: { perHost: 4 } } }
    house.accepted((w, c) => decideChangeCluster(w, four, c))
    expect(house.world.tables.cluster.get(clusterId)!.migrationLimits).toMatchObject({ perHost: 4 })
    house.accepted((w, c) => decideDeleteCluster(w, { clusterId }, c))
    house.accepted((w, c) => decideDeleteDatacenter(w, { datacenterId }, c))
    expect(house.world.tables.datacenter.has(datacenterId)).toBe(false)
  })
})

describe('a host', () => {
  it('is emptied on its way into maintenance, and then takes nothing new', () => {
    const house = new House()
    const enter = (w: World, c: Context) =>
      decideEnterMaintenance(w, { hostId: 'host-1', reason: 'new fans' }, c)
    const migrate = (w: World, c: Context) => decideMigrate(w, { vmId: 'vm-1', targetId: 'host-1' }, c)
    const { taskId } = house.accepted(enter)
    expect(house.world.tables.host.get('host-1')!.mode).toBe('entering')
    expect(refusalsOf(house.decide(enter))).toEqual(['host_task'])
    house.run()
    expect(house.task(taskId!).state).toBe('succeeded')
    expect(house.world.tables.host.get('host-1')!.mode).toBe('maintenance')
    expect(house.world.tables.vm.get('vm-1')!.hostId).not.toBe('host-1')
    expect(house.decide(migrate)).toMatchObject({
      refusals: [{ code: 'host_maintenance', reason: 'new fans' }],
    })
    house.accepted((w, c) => decideExitMaintenance(w, { hostId: 'host-1' }, c))
    house.accepted(migrate)
  })

  it('that fell silent in the middle of a task is removed once that is given up', () => {
    const house = new House()
    const { taskId } = house.accepted((w, c) => decidePower(w, 'vm.reset', { vmId: 'vm-1' }, c))
    house.accepted((w, c) => decideAdvance(w, taskId!, c))
    house.setHost('host-1', { state: 'suspect' })
    const remove = () =>
      house.decide((w, c) => decideRemove(w, { hostId: 'host-1', confirmName: 'esx-1' }, c))
    const refused = remove()
    expect(refused).toMatchObject({ refusals: [{ code: 'host_busy', tasks: [{ name: 'reset web' }] }] })
    expect(refused.ok ? '' : sayRefusals(refused.refusals)).toContain('give them up')
    house.accepted((w, c) => decideGiveUp(w, { taskId: taskId! }, c))
    expect(remove().ok).toBe(true)
  })

  it('is removed with its VMs when its name is typed and nothing is being done there', () => {
    const house = new House()
    const remove = (confirmName: string) =>
      house.decide((w, c) => decideRemove(w, { hostId: 'host-1', confirmName }, c))
    expect(refusalsOf(remove('esx'))).toEqual(['confirm_name'])
    const { taskId } = house.accepted((w, c) => decidePower(w, 'vm.reset', { vmId: 'vm-1' }, c))
    expect(refusalsOf(remove('esx-1'))).toEqual(['host_busy'])
    house.run()
    expect(house.task(taskId!).state).toBe('succeeded')
    expect(remove('esx-1').ok).toBe(true)
    expect([house.world.tables.host.has('host-1'), house.world.tables.vm.size]).toEqual([false, 0])
    expect(house.world.tables.definition.size).toBe(0)
  })
})

describe('a VM', () => {
  const input = {
    clusterId: 'cluster-1',
    name: 'new',
    vcpus: 1,
    memoryBytes: gib,
    image: { datastoreId: 'datastore-1', path: 'images/tiny.qcow2' },
    datastoreId: null,
    diskBytes: null,
    networkId: null,
    hostId: null,
    notes: '',
    tags: [],
    powerOn: false,
  } as const

  it.each([
    ['a name that is taken', { name: 'web' }, ['name_taken']],
    ['a name that is a path', { name: '../etc' }, ['invalid']],
    ['no vCPUs and no memory', { vcpus: 0, memoryBytes: 1 }, ['invalid', 'invalid']],
    ['an image that is not there', { image: { datastoreId: 'datastore-1', path: 'x' } }, ['not_found']],
    ['a disk smaller than its image', { diskBytes: 5 }, ['invalid']],
    ['more memory than any host has', { memoryBytes: 64 * gib }, ['no_host_fits']],
    ['a host that is not there', { hostId: 'host-9' }, ['not_found']],
    ['a cluster that is not there', { clusterId: 'cluster-9' }, ['not_found']],
  ] as const)('is not created with %s', (_what, set, expected) => {
    const house = new House()
    const decision = house.decide((w, c) => decideCreate(w, { ...input, tags: [], ...set } as never, c))
    expect(refusalsOf(decision)).toEqual(expected)
    expect(house.world.tables.task.size).toBe(0)
  })

  it('is not created twice under one name, also while the first is still being made', () => {
    const house = new House()
    house.accepted((w, c) => decideCreate(w, { ...input, tags: [] }, c))
    const again = house.decide((w, c) => decideCreate(w, { ...input, tags: [] }, c))
    expect(refusalsOf(again)).toEqual(['name_taken'])
  })

  it('has notes changed at once, and its size only when it is off', () => {
    const house = new House()
    const change = (changes: object) => house.decide((w, c) => decideChange(w, { vmId: 'vm-1', changes }, c))
    expect(change({ notes: 'hello' })).toMatchObject({ ok: true, value: { taskId: null } })
    expect(house.vm('web')!.notes).toBe('hello')
    expect(change({ notes: 'hello' })).toMatchObject({ ok: true, change: [] })
    expect(refusalsOf(change({ vcpus: 4 }))).toEqual(['vm_power'])
    house.setVm('web', { power: 'off' })
    expect(refusalsOf(change({ vcpus: 64, memoryBytes: 64 * gib }))).toEqual([
      'memory_short',
      'too_many_vcpus',
    ])
  })

  it('is deleted only off, with its name typed, and never with a disk that another one uses', () => {
    const house = new House()
    const remove = (confirmName: string) =>
      house.decide((w, c) => decideDelete(w, { vmId: 'vm-1', confirmName }, c))
    expect(refusalsOf(remove('wep'))).toEqual(['vm_power', 'confirm_name'])
    const twin = house.addVm('twin', 'host-1', 'datastore-1', 'off')
    house.setVm('twin', { disks: house.vm('web')!.disks })
    house.setVm('web', { power: 'off' })
    house.guests.get('host-1')!.get(house.vm('web')!.uuid)!.state = 'off'
    expect(remove('web').ok).toBe(true)
    house.run()
    expect(house.vm('web')).toBeUndefined()
    expect(house.hasDisks(house.world.tables.vm.get(twin.id)!)).toBe(true)
  })
})

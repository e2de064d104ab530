import type { Host, Refusal } from '@drover/model'
import { describe, expect, it } from 'vitest'
import { House } from '../testing/house'
import { decideMigrate, planMigrate } from './migrate'
import { placements } from './place'
import { decidePower } from './power'
import { migrationTargets } from './targets'

const gib = 1024 ** 3

/** The codes of the reasons against migrating `web` (or `vm`) to esx-2 with a method. */
function codes(house: House, method = 'live', name = 'web', hostId = 'host-2'): string[] {
  const found = migrationTargets(house.world, house.vm(name)!.id)
  if (!found.ok) throw new Error('no such VM')
  const option = found.targets.targets.find(({ host }) => host.id === hostId)!
  const { verdict } = option.methods.find((one) => one.method === method)!
  return verdict.ok ? [] : verdict.refusals.map(({ code }) => code)
}

function best(house: House, name = 'web') {
  const found = migrationTargets(house.world, house.vm(name)!.id)
  return found.ok ? found.targets.targets.map(({ host, best: method }) => [host.id, method]) : null
}

function facts(
  house: House,
  set: (facts: NonNullable<Host['facts']>) => Partial<NonNullable<Host['facts']>>,
) {
  const was = house.host('host-2').facts!
  house.setHost('host-2', { facts: { ...was, ...set(was) } })
}

describe('a target', () => {
  it('that has everything takes the VM live', () => {
    const house = new House()
    expect(codes(house)).toEqual([])
    expect(codes(house, 'cold')).toEqual([])
    expect(codes(house, 'live-with-disks')).toEqual(['disks_shared'])
  })

  it.each([
    ['is suspect', { state: 'suspect' }, 'host_silent'],
    ['is in maintenance', { mode: 'maintenance', modeReason: 'new fans' }, 'host_maintenance'],
    ['is not on the network', { networks: [] }, 'network_absent'],
    ['lacks the datastore', { datastores: [] }, 'datastore_absent'],
    ['is in another cluster', { clusterId: 'cluster-2' }, null],
  ] as const)('that %s says so', (_what, set, code) => {
    const house = new House()
    house.setHost('host-2', set as Partial<Host>)
    if (code) expect(codes(house)).toEqual([code])
    else {
      const plan = planMigrate(house.world, house.vm('web')!, { vmId: 'vm-1', targetId: 'host-2' })
      expect(plan.verdict).toMatchObject({ ok: false, refusals: [{ code: 'other_cluster' }] })
    }
  })

  it('says by how much memory it is short, counting what it has promised to others', () => {
    const house = new House()
    house.addVm('fat', 'host-2', 'datastore-1', 'running')
    house.setVm('fat', { memoryBytes: 13 * gib })
    house.setVm('web', { memoryBytes: 2 * gib })
    expect(codes(house)).toEqual([])
    const other = house.addVm('other', 'host-1', 'datastore-1', 'running')
    house.accepted((w, c) => decideMigrate(w, { vmId: other.id, targetId: 'host-2' }, c))
    const plan = planMigrate(house.world, house.vm('web')!, { vmId: 'vm-1', targetId: 'host-2' })
    expect(plan.verdict).toMatchObject({
      refusals: [{ code: 'memory_short', neededBytes: 2 * gib, freeBytes: gib }],
    })
  })

  it('needs no free memory for a VM that is off, only enough at all', () => {
    const house = new House()
    house.addVm('fat', 'host-2', 'datastore-1', 'running')
    house.setVm('fat', { memoryBytes: 15 * gib })
    house.setVm('web', { power: 'off' })
    expect(codes(house, 'cold')).toEqual([])
    house.setVm('web', { memoryBytes: 16 * gib })
    expect(codes(house, 'cold')).toEqual(['memory_short'])
  })

  it('with too few cores, a poorer CPU or another hypervisor says all of it at once', () => {
    const house = new House()
    house.setVm('web', { vcpus: 8 })
    facts(house, ({ cpu }) => ({ cpu: { ...cpu, cores: 4, features: ['avx'] } }))
    expect(codes(house)).toEqual(['too_many_vcpus', 'cpu_model'])
    const plan = planMigrate(house.world, house.vm('web')!, { vmId: 'vm-1', targetId: 'host-2' })
    expect(plan.verdict.ok ? [] : plan.verdict.refusals[1]).toMatchObject({ missing: ['avx2'] })
    expect(codes(house, 'cold')).toEqual(['too_many_vcpus'])
    facts(house, ({ hypervisor }) => ({ hypervisor: { ...hypervisor, kind: 'libvirt' } }))
    expect(codes(house, 'cold')).toEqual(['too_many_vcpus', 'hypervisor_differs'])
  })

  it('of a VM that is bound to its host only goes cold', () => {
    const house = new House()
    house.setVm('web', { bound: 'uses a PCI device of its host' })
    expect(codes(house)).toEqual(['vm_bound'])
    expect(codes(house, 'live-with-disks')).toContain('vm_bound')
    expect(codes(house, 'cold')).toEqual([])
  })

  it('with a richer CPU is fine', () => {
    const house = new House()
    facts(house, ({ cpu }) => ({ cpu: { ...cpu, model: 'Genoa', features: [...cpu.features, 'avx512'] } }))
    expect(codes(house)).toEqual([])
  })
})

describe('disks', () => {
  it('on local storage: live is impossible, live with disks is best, cold works', () => {
    const house = new House()
    house.addVm('db', 'host-1', 'datastore-2', 'running')
    expect(codes(house, 'live', 'db')).toEqual(['datastore_absent'])
    expect(codes(house, 'live-with-disks', 'db')).toEqual([])
    expect(codes(house, 'cold', 'db')).toEqual([])
    expect(best(house, 'db')).toEqual([
      ['host-2', 'live-with-disks'],
      ['host-3', 'live-with-disks'],
      ['host-1', null],
    ])
  })

  it('need room, after what other tasks have been promised', () => {
    const house = new House()
    const row = house.world.tables.datastore
    for (const id of ['datastore-1', 'datastore-3']) row.set(id, { ...row.get(id)!, freeBytes: 1.5 * gib })
    const first = house.addVm('db', 'host-1', 'datastore-2', 'off')
    house.addVm('db2', 'host-1', 'datastore-2', 'off')
    expect(codes(house, 'cold', 'db2')).toEqual([])
    const local = { vmId: first.id, targetId: 'host-2', datastoreIds: ['datastore-3'] as const }
    house.accepted((w, c) => decideMigrate(w, { ...local, datastoreIds: ['datastore-3'] }, c))
    const chosen = { vmId: house.vm('db2')!.id, targetId: 'host-2', datastoreIds: [...local.datastoreIds] }
    const plan = planMigrate(house.world, house.vm('db2')!, chosen)
    expect(plan.verdict).toMatchObject({ refusals: [{ code: 'datastore_short', freeBytes: 0.5 * gib }] })
    expect(codes(house, 'cold', 'db2')).toEqual([])
    row.set('datastore-1', { ...row.get('datastore-1')!, freeBytes: 0 })
    expect(codes(house, 'cold', 'db2')).toEqual(['no_datastore_for_disks'])
  })

  it('that Drover does not know where they are keep a VM where it is', () => {
    const house = new House()
    house.setVm('web', { strayDisks: ['/var/tmp/odd.img'] })
    expect(codes(house)).toEqual(['disk_outside'])
  })
})

describe('a VM', () => {
  it('that is off goes cold; one that runs never does unasked', () => {
    const house = new House()
    expect(best(house)?.slice(0, 2)).toEqual([
      ['host-2', 'live'],
      ['host-3', 'live'],
    ])
    for (const id of ['host-2', 'host-3'] as const)
      house.setHost(id, {
        facts: { ...house.host(id).facts!, cpu: { ...house.host(id).facts!.cpu, vendor: 'Intel' } },
      })
    expect(best(house)?.every(([, method]) => method === null)).toBe(true)
    const refused = house.decide((w, c) => decideMigrate(w, { vmId: 'vm-1' }, c))
    expect(refused).toMatchObject({ ok: false, refusals: [{ code: 'no_host_fits' }] })
    house.setVm('web', { power: 'off' })
    expect(best(house)?.[0]).toEqual(['host-2', 'cold'])
  })

  it('is refused with everything that is against it, at once', () => {
    const house = new House()
    house.setHost('host-1', { state: 'suspect' })
    house.setVm('web', { power: 'crashed', alsoOn: ['host-3'] })
    expect(codes(house)).toEqual(['host_silent', 'vm_twice', 'vm_power'])
  })

  it('has one task at a time', () => {
    const house = new House()
    house.accepted((w, c) => decideMigrate(w, { vmId: 'vm-1' }, c))
    const again = house.decide((w, c) => decideMigrate(w, { vmId: 'vm-1' }, c))
    expect(again).toMatchObject({ ok: false, refusals: [{ code: 'vm_busy', doing: 'migrate', by: 'ada' }] })
    const stop = house.decide((w, c) => decidePower(w, 'vm.stop', { vmId: 'vm-1' }, c))
    expect(stop).toMatchObject({ ok: false, refusals: [{ code: 'vm_busy' }] })
  })

  it('already there says so and nothing else about that host', () => {
    expect(codes(new House(), 'live', 'web', 'host-1')).toEqual(['already_there'])
  })

  it('that does not exist is not found', () => {
    const house = new House()
    expect(migrationTargets(house.world, 'vm-99')).toMatchObject({ refusals: [{ code: 'not_found' }] })
    const target = house.decide((w, c) => decideMigrate(w, { vmId: 'vm-1', targetId: 'host-99' }, c))
    expect(target).toMatchObject({
      refusals: [{ code: 'not_found', noun: 'host' } satisfies Partial<Refusal>],
    })
  })
})

describe('placement', () => {
  const wanted = {
    clusterId: 'cluster-1',
    vcpus: 1,
    memoryBytes: gib,
    image: { datastoreId: 'datastore-1', path: 'images/tiny.qcow2' },
    datastoreId: null,
    networkId: 'network-1',
  } as const

  it('prefers free memory, then idle CPUs', () => {
    const house = new House()
    house.setVm('web', { memoryBytes: 8 * gib })
    const usage = {
      memoryUsedBytes: 0,
      diskReadBytesPerSecond: 0,
      diskWriteBytesPerSecond: 0,
      networkInBytesPerSecond: 0,
      networkOutBytesPerSecond: 0,
    }
    house.world.live.get('host-2')!.usage = { cpu: 0.9, ...usage }
    house.world.live.get('host-3')!.usage = { cpu: 0.1, ...usage }
    expect(placements(house.world, wanted).map(({ host }) => host.id)).toEqual(['host-3', 'host-2', 'host-1'])
  })

  it('puts hosts that cannot take it last, with every reason', () => {
    const house = new House()
    house.setHost('host-3', { mode: 'maintenance', networks: [] })
    const last = placements(house.world, wanted).at(-1)!
    expect(last.host.id).toBe('host-3')
    expect(last.verdict.ok ? [] : last.verdict.refusals.map(({ code }) => code)).toEqual([
      'host_maintenance',
      'network_absent',
    ])
  })
})

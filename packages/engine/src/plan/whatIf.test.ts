import { type AdmissionPolicy, type FenceDevice, type HaSettings, setRow, type WhatIf } from '@drover/model'
import { describe, expect, it } from 'vitest'
import { House } from '../testing/house'
import { planCreate } from '../vm/create'
import { decidePower, planPower } from '../vm/power'
import { checkAdmission, failoverCapacity } from './admission'
import { type Loss, whatIf } from './whatIf'

const gib = 1024 ** 3

function setHa(house: House, set: Partial<HaSettings>): void {
  const cluster = house.world.tables.cluster.get('cluster-1')!
  setRow(house.world, 'cluster', cluster.id, { ...cluster, ha: { ...cluster.ha, ...set } })
}

function addDevice(house: House, host: number, set: Partial<FenceDevice> = {}): void {
  const id = `fence-${host}` as const
  const lastTest = { at: 0, ok: true, power: 'on', ms: 500, message: 'on' } as const
  const rest = { params: {}, sealed: {}, viaHostId: null, delayMs: 0, retries: 1, timeoutMs: 20_000 }
  setRow(house.world, 'fence', id, {
    id,
    hostId: `host-${host}`,
    name: `bmc-${host}`,
    level: 1,
    agent: 'fence_ipmilan',
    ...rest,
    enabled: true,
    lastTest,
    ...set,
  })
}

function ask(house: House, loss: Loss): WhatIf {
  const answer = whatIf(house.world, loss, house.now)
  if (!answer.ok) throw new Error(JSON.stringify(answer.refusals))
  return answer.value
}

describe('what if a host dies', () => {
  it('says for each VM where it would run and when, tier by tier', () => {
    const house = new House()
    addDevice(house, 1)
    for (const name of ['a', 'b']) house.addVm(name, 'host-1', 'datastore-1', 'running')
    house.setVm('b', { ha: { ...house.vm('b')!.ha, tier: 1, readyMs: 10_000 } })
    const before = JSON.stringify([...house.world.tables.vm.values(), ...house.world.tables.host.values()])
    const { vms, stages, restarted, notRestarted, allRunningMs, hosts, warnings } = ask(house, {
      hostIds: ['host-1'],
    })
    // Decided after 8 s, off twice 0.5 s later, 4 s for a start; b is ready 10 s after that.
    expect(vms.map(({ vm, afterMs }) => [vm.name, afterMs])).toEqual([
      ['b', 13_000],
      ['web', 27_000],
      ['a', 27_000],
    ])
    expect(new Set(vms.map(({ target }) => target?.id))).toEqual(new Set(['host-2', 'host-3']))
    expect([restarted, notRestarted, allRunningMs]).toEqual([3, 0, 27_000])
    expect(stages.map(({ name }) => name)).toEqual([
      'suspect',
      'decided',
      'proven off',
      'first VM running',
      'all VMs running',
    ])
    expect(hosts.map(({ host }) => host.id)).toEqual(['host-2', 'host-3'])
    expect(hosts.every(({ memoryAfter, memoryBefore }) => memoryAfter > memoryBefore)).toBe(true)
    expect(warnings).toEqual([])
    expect(JSON.stringify([...house.world.tables.vm.values(), ...house.world.tables.host.values()])).toBe(
      before,
    )
  })

  it('starts only so many at once on a host', () => {
    const house = new House()
    addDevice(house, 1)
    setHa(house, { startsPerHost: 1 })
    house.setHost('host-3', { mode: 'maintenance' })
    house.addVm('a', 'host-1', 'datastore-1', 'running')
    expect(ask(house, { hostIds: ['host-1'] }).vms.map(({ afterMs }) => afterMs)).toEqual([13_000, 17_000])
  })

  it('without a device, a person must confirm; with self-fencing, its deadline counts', () => {
    const house = new House()
    const alone = ask(house, { hostIds: ['host-1'] })
    expect(alone.vms).toMatchObject([{ afterMs: null, why: [{ code: 'host_not_proven' }] }])
    expect(alone.warnings[0]).toContain('A person must confirm that esx-1 is off')
    house.setHost('host-1', { facts: { ...house.host('host-1').facts!, selfFence: { watchdog: true } } })
    expect(ask(house, { hostIds: ['host-1'] }).vms[0]!.afterMs).toBeGreaterThan(30_000)
  })

  it('says what is left alone on purpose, and what has no place', () => {
    const house = new House()
    addDevice(house, 1)
    house.addVm('left', 'host-1', 'datastore-1', 'running')
    house.setVm('left', { ha: { ...house.vm('left')!.ha, restart: 'none' } })
    house.setVm('web', { memoryBytes: 20 * gib })
    const { vms, notRestarted, warnings } = ask(house, { hostIds: ['host-1'] })
    expect(vms.find(({ vm }) => vm.name === 'left')?.note).toContain('left alone')
    expect(vms.find(({ vm }) => vm.name === 'web')?.why).toMatchObject([{ code: 'no_host_fits' }])
    expect(notRestarted).toBe(1)
    expect(warnings.join(' ')).toContain('1 VM would not be restarted: web.')
  })

  it('two at once of three: the storm guard steps in', () => {
    const house = new House()
    addDevice(house, 1)
    addDevice(house, 2)
    expect(ask(house, { hostIds: ['host-1', 'host-2'] }).warnings.join(' ')).toContain('storm guard')
  })
})

describe('what if a datastore dies', () => {
  it('its VMs die, wherever they run, and no restart helps', () => {
    const house = new House()
    house.addVm('local', 'host-2', 'datastore-3', 'running')
    const { vms, warnings } = ask(house, { datastoreIds: ['datastore-1'] })
    expect(vms).toMatchObject([{ vm: { name: 'web' }, target: null, why: [{ code: 'datastore_absent' }] }])
    expect(warnings.join(' ')).toContain('lose disks on shared')
  })

  it('that does not exist is not found', () => {
    expect(whatIf(new House().world, { datastoreIds: ['datastore-99'] }, 0)).toMatchObject({
      refusals: [{ code: 'not_found' }],
    })
    expect(whatIf(new House().world, {}, 0)).toMatchObject({ refusals: [{ code: 'invalid' }] })
  })
})

describe('failover capacity', () => {
  it('keeps none for a VM that no other host could run, and names it beside the number', () => {
    const house = new House()
    house.addVm('kiosk', 'host-2', 'datastore-3', 'running')
    const capacity = failoverCapacity(house.world, 'cluster-1')
    expect(capacity).toMatchObject({ ok: true, tolerates: 2, bound: [{ name: 'kiosk' }] })
    expect(capacity.text).toContain('kiosk stays down with its host')
    // On storage that the others have as well, it counts.
    house.setVm('kiosk', { disks: house.vm('web')!.disks, memoryBytes: 15 * gib })
    const counted = failoverCapacity(house.world, 'cluster-1')
    expect(counted.bound).toEqual([])
    expect(counted.tolerates).toBe(1)
  })
})

describe('admission', () => {
  function crowded(action: AdmissionPolicy['action']): House {
    const house = new House()
    setHa(house, { admission: { by: 'hosts', hostFailures: 1, reservedShare: 0.5, action } })
    // 15 GiB on each of three hosts: two VMs of 8 survive a failure, three do not.
    for (const [name, host] of [
      ['a', 1],
      ['b', 2],
    ] as const) {
      house.addVm(name, `host-${host}`, 'datastore-1', 'running')
      house.setVm(name, { memoryBytes: 8 * gib })
    }
    house.addVm('c', 'host-3', 'datastore-1', 'off')
    house.setVm('c', { memoryBytes: 8 * gib })
    return house
  }

  it('counts what survives, and names the worst failure', () => {
    const house = crowded('warn')
    expect(failoverCapacity(house.world, 'cluster-1')).toMatchObject({ ok: true, tolerates: 1, worst: null })
    house.setVm('c', { power: 'running', desired: 'running' })
    const full = failoverCapacity(house.world, 'cluster-1')
    expect(full).toMatchObject({ ok: false, tolerates: 0 })
    expect(full.worst?.vms).toHaveLength(1)
    expect(full.text).toContain('there would be no place for')
  })

  it('refuses a power-on that would break it, with the numbers', () => {
    const house = crowded('refuse')
    const start = house.decide((w, c) => decidePower(w, 'vm.start', { vmId: house.vm('c')!.id }, c))
    expect(start).toMatchObject({ ok: false, refusals: [{ code: 'failover_short', failures: 1 }] })
    if (!start.ok && start.refusals[0]?.code === 'failover_short')
      expect(start.refusals[0].sentence).toContain('blue would not survive 1 host failure')
  })

  it('warns in the plan, or says nothing, by policy', () => {
    const warned = planPower(crowded('warn').world, 'vm.start', crowded('warn').vm('c')!)
    expect(warned).toMatchObject({
      verdict: { ok: true },
      warning: expect.stringContaining('would not survive'),
    })
    expect(planPower(crowded('off').world, 'vm.start', crowded('off').vm('c')!).warning).toBeNull()
    expect(planPower(crowded('warn').world, 'vm.stop', crowded('warn').vm('a')!).warning).toBeNull()
  })

  it('by share keeps that much memory free', () => {
    const house = crowded('refuse')
    setHa(house, { admission: { by: 'share', hostFailures: 1, reservedShare: 0.5, action: 'refuse' } })
    expect(checkAdmission(house.world, house.vm('c')!, 'host-3').refusals).toMatchObject([
      { code: 'failover_short' },
    ])
    house.setVm('c', { memoryBytes: gib })
    expect(checkAdmission(house.world, house.vm('c')!, 'host-3')).toEqual({ refusals: [], warning: null })
  })

  it('is asked for a new VM as well', () => {
    const house = crowded('refuse')
    const input = {
      clusterId: 'cluster-1',
      hostId: null,
      name: 'new',
      vcpus: 1,
      memoryBytes: 8 * gib,
      image: { datastoreId: 'datastore-1', path: 'images/tiny.qcow2' },
      datastoreId: null,
      diskBytes: null,
      networkId: null,
      powerOn: true,
      notes: '',
      tags: [],
    } as const
    const plan = (powerOn: boolean) => planCreate(house.world, { ...input, tags: [], powerOn }).verdict
    expect(plan(true)).toMatchObject({ ok: false, refusals: [{ code: 'failover_short' }] })
    expect(plan(false)).toEqual({ ok: true })
  })
})

import { stoppedAlone } from '@drover/protocol'
import { describe, expect, it } from 'vitest'
import { decideChangeHa } from '../inventory/ha'
import { House } from '../testing/house'
import { comeBack, lose, pass } from '../testing/loss'
import { decideDelete } from './delete'
import { decideChangeVmHa, decideSetDesired } from './desired'
import { decidePower } from './power'

const guest = (house: House) => house.guests.get('host-1')!.get(house.vm('web')!.uuid)!

describe('what a VM should be', () => {
  it.each([
    ['vm.shutdown', 'stopped'],
    ['vm.stop', 'stopped'],
    ['vm.suspend', 'stopped'],
    ['vm.reboot', 'running'],
    ['vm.reset', 'running'],
  ] as const)('after %s is %s, from the moment it is asked', (kind, desired) => {
    const house = new House()
    house.accepted((w, c) => decidePower(w, kind, { vmId: house.vm('web')!.id }, c))
    expect(house.vm('web')!.desired).toBe(desired)
    house.run()
    expect(house.vm('web')!.desired).toBe(desired)
  })

  it('stays as it is where the verb is a part of something larger', () => {
    const house = new House()
    const input = { vmId: house.vm('web')!.id, keepsDesired: true }
    house.accepted((w, c) => decidePower(w, 'vm.shutdown', input, c))
    expect(house.vm('web')!.desired).toBe('running')
  })

  it('is running again when the guest ignored the shutdown', () => {
    const house = new House()
    house.fault = (_n, { kind }) => (kind === 'vm.shutdown' ? 'failed' : null)
    house.accepted((w, c) => decidePower(w, 'vm.shutdown', { vmId: house.vm('web')!.id }, c))
    house.run()
    expect(house.vm('web')).toMatchObject({ power: 'running', desired: 'running' })
  })

  it('follows what somebody does at the hypervisor, in the same commit', () => {
    const house = new House()
    house.report('host-1')
    house.now += 5_000
    guest(house).state = 'off'
    house.report('host-1')
    expect(house.vm('web')).toMatchObject({ power: 'off', desired: 'stopped' })
    guest(house).state = 'running'
    house.report('host-1')
    expect(house.vm('web')).toMatchObject({ power: 'running', desired: 'running' })
  })

  it('is not changed by a crash, nor by what went off while nobody heard its host', () => {
    const crashed = new House()
    crashed.now += 1
    guest(crashed).state = 'crashed'
    crashed.report('host-1')
    expect(crashed.vm('web')).toMatchObject({ power: 'crashed', desired: 'running' })

    const rebooted = new House()
    rebooted.setHost('host-1', { state: 'suspect' })
    rebooted.now += 5_000
    guest(rebooted).state = 'off'
    comeBack(rebooted, 'host-1')
    expect(rebooted.vm('web')).toMatchObject({ power: 'off', desired: 'running' })
    pass(rebooted, 2_000)
    expect(rebooted.vm('web')!.power).toBe('running')
  })

  it('is not changed by an agent that stopped it because it was alone', () => {
    const house = new House()
    house.report('host-1')
    house.now += 5_000
    guest(house).state = 'off'
    guest(house).reason = stoppedAlone.isolation
    house.report('host-1')
    expect(house.vm('web')).toMatchObject({ power: 'off', desired: 'running' })
  })

  it('is stopped for what is being deleted, however far that gets', () => {
    const house = new House()
    guest(house).state = 'off'
    house.setVm('web', { power: 'off' })
    house.fault = (_n, { kind }) => (kind === 'disk.delete' ? 'failed' : null)
    house.accepted((w, c) => decideDelete(w, { vmId: house.vm('web')!.id, confirmName: 'web' }, c))
    pass(house, 20_000)
    expect(house.vm('web')).toMatchObject({ power: 'missing', desired: 'stopped' })
  })

  it('by hand: running starts it wherever it can be, stopped takes it off the list', () => {
    const house = new House()
    lose(house, 'host-1')
    house.accepted((w, c) => decideSetDesired(w, { vmId: house.vm('web')!.id, desired: 'stopped' }, c))
    pass(house, 5_000)
    expect(house.vm('web')).toMatchObject({ power: 'off', recovery: null })
    house.accepted((w, c) => decideSetDesired(w, { vmId: house.vm('web')!.id, desired: 'running' }, c))
    pass(house, 2_000)
    expect(house.vm('web')!.power).toBe('running')
    expect(
      house.decide((w, c) => decideSetDesired(w, { vmId: 'vm-99', desired: 'running' }, c)),
    ).toMatchObject({
      refusals: [{ code: 'not_found' }],
    })
  })

  it('and cannot be had by powering it on, says why: its host is fenced', () => {
    const house = new House()
    lose(house, 'host-1')
    house.setVm('web', { ha: { ...house.vm('web')!.ha, restart: 'none' } })
    expect(
      house.decide((w, c) => decidePower(w, 'vm.start', { vmId: house.vm('web')!.id }, c)),
    ).toMatchObject({
      refusals: [{ code: 'host_fenced' }],
    })
  })
})

describe('how a VM and a cluster are looked after', () => {
  it('is changed in part, and refused with the field and what it may be', () => {
    const house = new House()
    const vmId = house.vm('web')!.id
    house.accepted((w, c) => decideChangeVmHa(w, { vmId, ha: { tier: 1, failback: true } }, c))
    expect(house.vm('web')!.ha).toMatchObject({ tier: 1, failback: true, restart: 'protected' })
    expect(house.events.at(-1)).toMatchObject({ kind: 'vm.ha', fields: ['tier', 'failback'] })
    const wrong = { tier: 9 as never, readyMs: -1, retries: { sameHost: 1.5, otherHosts: 99 } }
    const refused = house.decide((w, c) => decideChangeVmHa(w, { vmId, ha: wrong }, c))
    expect(refused).toMatchObject({
      refusals: [
        { field: 'tier' },
        { field: 'readyMs' },
        { field: 'retries.sameHost' },
        { field: 'retries.otherHosts' },
      ],
    })
  })

  it('of a VM that is left alone from now on ends its recovery', () => {
    const house = new House()
    house.setVm('web', { memoryBytes: 2 ** 40 })
    lose(house, 'host-1')
    pass(house, 2_000)
    expect(house.vm('web')!.recovery?.state).toBe('waiting')
    const ha = { restart: 'none' } as const
    house.accepted((w, c) => decideChangeVmHa(w, { vmId: house.vm('web')!.id, ha }, c))
    expect(house.vm('web')!.recovery).toBeNull()
    expect([...house.world.tables.incident.values()][0]!.vms).toMatchObject([{ state: 'left' }])
  })

  it('is disarmed with who and why, and armed without', () => {
    const house = new House()
    const change = (changes: Parameters<typeof decideChangeHa>[1]['changes'], reason?: string) =>
      house.decide((w, c) => decideChangeHa(w, { clusterId: 'cluster-1', changes, reason }, c))
    const ha = () => house.world.tables.cluster.get('cluster-1')!.ha
    change({ mode: 'hold' }, 'new switches')
    expect(ha()).toMatchObject({ mode: 'hold', modeReason: 'ada: new switches' })
    change({ flap: { times: 5 } })
    expect(ha()).toMatchObject({
      mode: 'hold',
      modeReason: 'ada: new switches',
      flap: { times: 5, windowMs: 3_600_000 },
    })
    change({ mode: 'armed' })
    expect(ha()).toMatchObject({ mode: 'armed', modeReason: null })
    expect(change({ suspectMs: 9_000, startsPerHost: 0, referenceAddresses: ['nowhere'] })).toMatchObject({
      refusals: [{ field: 'startsPerHost' }, { field: 'decideMs' }, { field: 'referenceAddresses' }],
    })
  })
})

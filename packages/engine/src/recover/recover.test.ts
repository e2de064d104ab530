import { type HaSettings, type HostId, setRow, type Vm, type VmHa } from '@drover/model'
import { describe, expect, it } from 'vitest'
import type { Context } from '../context'
import { House } from '../testing/house'
import { comeBack, look, lose, pass } from '../testing/loss'
import { decideSetDesired } from '../vm/desired'
import { decideRecover, recoveriesOf } from './recover'

const gib = 1024 ** 3

function houseWith(...names: string[]): House {
  const house = new House()
  for (const name of names) house.addVm(name, 'host-1', 'datastore-1', 'running')
  house.check = () => {
    for (const vm of house.world.tables.vm.values())
      if (house.runsOn(vm.uuid).length > 1) throw new Error(`${vm.name} runs twice`)
  }
  return house
}

function ha(house: House, set: Partial<HaSettings>): void {
  const cluster = house.world.tables.cluster.get('cluster-1')!
  setRow(house.world, 'cluster', 'cluster-1', { ...cluster, ha: { ...cluster.ha, ...set } })
}

function vmHa(house: House, name: string, set: Partial<VmHa>): void {
  house.setVm(name, { ha: { ...house.vm(name)!.ha, ...set } })
}

function starts(house: House): { name: string; hostId: HostId }[] {
  return house.commands.flatMap(({ hostId, body }) =>
    body.kind === 'vm.start' ? [{ name: nameOf(house, body.uuid), hostId }] : [],
  )
}

function nameOf(house: House, uuid: string): string {
  return house.world.tables.vm.get(house.world.index.vmByUuid.get(uuid)!)!.name
}

const restarts = (house: House) =>
  [...house.world.tables.task.values()].filter(({ kind }) => kind === 'vm.restart')

function truth(house: House, name: string): Vm {
  const vm = house.vm(name)!
  expect(house.runsOn(vm.uuid)).toEqual(vm.power === 'running' ? [vm.hostId] : [])
  return vm
}

describe('a host that is proven dead', () => {
  it('has its VMs started elsewhere, from the first look on, their home moved before the start', () => {
    const house = houseWith('db')
    lose(house, 'host-1')
    house.accepted(decideRecover)
    expect(restarts(house)).toHaveLength(2)
    pass(house, 5_000)
    for (const name of ['web', 'db']) {
      const vm = truth(house, name)
      expect(vm).toMatchObject({ power: 'running', desired: 'running', recovery: null, homeId: 'host-1' })
      expect(vm.hostId).not.toBe('host-1')
      expect(vm.staleOn).toEqual(['host-1'])
    }
    const kinds = house.events.map(({ kind }) => kind)
    expect(kinds.indexOf('vm.homed')).toBeLessThan(kinds.lastIndexOf('vm.power'))
    const incident = [...house.world.tables.incident.values()][0]!
    expect(incident.vms.map(({ state }) => state)).toEqual(['running', 'running'])
    expect(incident.marks.map(({ mark }) => mark)).toContain('all VMs running')
  })

  it('has a restart succeed whose VM is seen running before the host has answered all that it was asked', () => {
    const house = houseWith()
    lose(house, 'host-1')
    house.accepted(decideRecover)
    // The agent's word that it runs comes between its answer to the start and its answer to "does it run?".
    house.fault = (n, body) => {
      if (body.kind === 'vm.inspect') house.report(house.commands[n]!.hostId)
      return null
    }
    house.run()
    expect(house.commands.map(({ body }) => body.kind)).toContain('vm.inspect')
    expect(restarts(house).map(({ state }) => state)).toEqual(['succeeded'])
    expect(truth(house, 'web')).toMatchObject({ power: 'running', recovery: null })
  })

  it('is given up by nobody before the proof, whatever it is called', () => {
    for (const state of ['suspect', 'fencing', 'isolated', 'connecting'] as const) {
      const house = houseWith()
      house.setHost('host-1', { state })
      pass(house, 20_000)
      expect(restarts(house)).toEqual([])
    }
  })

  it('keeps what should be off, and what is left alone', () => {
    const house = houseWith('db')
    vmHa(house, 'web', { restart: 'none' })
    house.setVm('db', { desired: 'stopped' })
    lose(house, 'host-1')
    pass(house, 5_000)
    expect(restarts(house)).toEqual([])
    expect(house.vm('web')).toMatchObject({ recovery: null, power: 'off', hostId: 'host-1' })
  })

  it('costs no write while nothing changes', () => {
    const house = houseWith()
    house.setVm('web', { memoryBytes: 100 * gib })
    lose(house, 'host-1')
    look(house)
    const events = house.events.length
    for (let n = 0; n < 5; n += 1) look(house)
    expect(house.events).toHaveLength(events)
    expect(house.vm('web')!.recovery).toMatchObject({ state: 'waiting', why: [{ code: 'no_host_fits' }] })
    expect(recoveriesOf(house.world, 'cluster-1').map(({ name }) => name)).toEqual(['web'])
  })

  it('is waited for by nobody once there is room: what could not be placed starts then', () => {
    const house = houseWith()
    house.addVm('big', 'host-2', 'datastore-1', 'running')
    house.setVm('big', { memoryBytes: 14 * gib })
    house.setHost('host-3', { mode: 'maintenance' })
    house.setVm('web', { memoryBytes: 4 * gib })
    lose(house, 'host-1')
    pass(house, 10_000)
    expect(house.vm('web')!.recovery?.state).toBe('waiting')
    house.setHost('host-3', { mode: 'normal' })
    pass(house, 1_000)
    expect(truth(house, 'web')).toMatchObject({ power: 'running', hostId: 'host-3' })
  })
})

describe('disarmed', () => {
  it.each(['hold', 'handsOff'] as const)('%s starts nothing; armed again, it goes on', (mode) => {
    const house = houseWith()
    ha(house, { mode, modeReason: 'ada: network change' })
    lose(house, 'host-1')
    pass(house, 10_000)
    expect(restarts(house)).toEqual([])
    if (mode === 'hold') expect(house.vm('web')!.recovery?.why).toMatchObject([{ code: 'ha_disarmed' }])
    else expect(house.vm('web')!.recovery).toBeNull()
    ha(house, { mode: 'armed' })
    pass(house, 2_000)
    expect(truth(house, 'web').power).toBe('running')
  })
})

describe('tiers', () => {
  it('start in order, each when the one before it is ready', () => {
    const house = houseWith('a', 'b')
    vmHa(house, 'web', { tier: 5 })
    vmHa(house, 'a', { tier: 1, readyMs: 10_000 })
    vmHa(house, 'b', { tier: 3 })
    lose(house, 'host-1')
    pass(house, 3_000)
    expect(starts(house).map(({ name }) => name)).toEqual(['a'])
    expect(house.vm('b')!.recovery?.why).toMatchObject([{ code: 'tier_waits', vms: [{ name: 'a' }] }])
    pass(house, 20_000)
    expect(starts(house).map(({ name }) => name)).toEqual(['a', 'b', 'web'])
  })

  it('do not wait for what cannot start, nor for ever', () => {
    const house = houseWith('a', 'b')
    vmHa(house, 'a', { tier: 1 })
    house.setVm('a', { memoryBytes: 100 * gib })
    vmHa(house, 'b', { tier: 2, readyMs: 3_600_000 })
    ha(house, { tierTimeoutMs: 30_000 })
    lose(house, 'host-1')
    pass(house, 1_000)
    expect(truth(house, 'b').power).toBe('running')
    pass(house, 20_000)
    expect(truth(house, 'web').power).toBe('off')
    pass(house, 15_000)
    expect(truth(house, 'web').power).toBe('running')
  })

  it('do not wait for what could not be started, while it is tried again', () => {
    const house = houseWith('a')
    vmHa(house, 'a', { tier: 1 })
    const { uuid } = house.vm('a')!
    house.fault = (_n, body) => (body.kind === 'vm.start' && body.uuid === uuid ? 'failed' : null)
    lose(house, 'host-1')
    pass(house, 3_000)
    expect(house.vm('a')!.recovery).toMatchObject({ state: 'waiting', why: [{ code: 'start_failed' }] })
    expect(truth(house, 'web').power).toBe('running')
  })

  it('start no more at once on a host than it can bear', () => {
    const house = houseWith('a', 'b', 'c', 'd', 'e')
    ha(house, { startsPerHost: 2 })
    lose(house, 'host-1')
    house.accepted(decideRecover)
    expect(restarts(house)).toHaveLength(4)
    pass(house, 10_000)
    for (const name of ['web', 'a', 'b', 'c', 'd', 'e']) expect(truth(house, name).power).toBe('running')
  })
})

describe('a start that fails', () => {
  const failing = (house: House, on: (hostId: HostId) => boolean) => {
    let given = 0
    house.fault = (n, { kind }) => {
      given = n
      return kind === 'vm.start' && on(house.commands[given]!.hostId) ? 'failed' : null
    }
  }

  it('is tried again there, then elsewhere, then given up and said', () => {
    const house = houseWith()
    vmHa(house, 'web', { retries: { sameHost: 2, otherHosts: 1 } })
    house.setVm('web', { power: 'off' })
    house.guests.get('host-1')!.get(house.vm('web')!.uuid)!.state = 'off'
    failing(house, () => true)
    pass(house, 300_000)
    const hosts = starts(house).map(({ hostId }) => hostId)
    expect(hosts.slice(0, 3)).toEqual(['host-1', 'host-1', 'host-1'])
    expect(hosts).toHaveLength(6)
    expect(new Set(hosts.slice(3)).size).toBe(1)
    expect(hosts[3]).not.toBe('host-1')
    expect(house.vm('web')!.recovery).toMatchObject({
      state: 'error',
      why: [{ code: 'start_limit', times: 6 }],
    })
    // The second host had a definition; when the home moved on, the first one's is removed.
    expect([...house.guests.values()].filter((guests) => guests.has(house.vm('web')!.uuid))).toHaveLength(1)
    house.fault = () => null
    pass(house, 60_000)
    expect(house.vm('web')!.power).toBe('off')
    house.accepted((w, c) => decideSetDesired(w, { vmId: house.vm('web')!.id, desired: 'running' }, c))
    pass(house, 2_000)
    expect(truth(house, 'web')).toMatchObject({ power: 'running', recovery: null })
  })

  it('waits longer each time', () => {
    const house = houseWith()
    vmHa(house, 'web', { retries: { sameHost: 3, otherHosts: 0 } })
    failing(house, () => true)
    const at: number[] = []
    const { fault } = house
    house.fault = (n, body) => {
      if (body.kind === 'vm.start') at.push(house.now)
      return fault(n, body)
    }
    lose(house, 'host-1')
    pass(house, 120_000)
    const waits = at.slice(1).map((time, i) => Math.floor((time - at[i]!) / 5_000))
    expect(waits).toEqual([1, 2, 4])
  })

  it('goes round when every host has had its turn', () => {
    const house = houseWith()
    vmHa(house, 'web', { retries: { sameHost: 0, otherHosts: 3 } })
    house.setVm('web', { power: 'off' })
    house.guests.get('host-1')!.get(house.vm('web')!.uuid)!.state = 'off'
    let left = 3
    house.fault = (_n, { kind }) => (kind === 'vm.start' && left-- > 0 ? 'failed' : null)
    pass(house, 120_000)
    const hosts = starts(house).map(({ hostId }) => hostId)
    expect(new Set(hosts.slice(0, 3)).size).toBe(3)
    expect(hosts).toHaveLength(4)
    expect(truth(house, 'web').power).toBe('running')
  })
})

describe('a VM that crashes', () => {
  it('is started where it was, and has an incident of its own', () => {
    const house = houseWith()
    house.guests.get('host-1')!.get(house.vm('web')!.uuid)!.state = 'crashed'
    house.now += 1
    house.report('host-1')
    expect(house.vm('web')).toMatchObject({ power: 'crashed', desired: 'running' })
    pass(house, 2_000)
    expect(truth(house, 'web')).toMatchObject({ power: 'running', hostId: 'host-1', homeId: null })
    expect([...house.world.tables.incident.values()]).toMatchObject([
      { kind: 'vm', state: 'closed', vms: [{ state: 'running' }] },
    ])
  })

  it('right after each restart comes to an end', () => {
    const house = houseWith()
    for (let n = 0; n < 40 && house.vm('web')!.recovery?.state !== 'error'; n += 1) {
      const vm = house.vm('web')!
      if (vm.power === 'running') {
        house.guests.get(vm.hostId)!.get(vm.uuid)!.state = 'crashed'
        house.now += 1
        house.report(vm.hostId)
      }
      pass(house, 20_000)
    }
    expect(house.vm('web')!.recovery).toMatchObject({ state: 'error', why: [{ code: 'start_limit' }] })
  })

  it('and whose definition is gone is defined anew', () => {
    const house = houseWith()
    house.guests.get('host-1')!.clear()
    house.now += 1
    house.report('host-1')
    expect(house.vm('web')).toMatchObject({ power: 'missing', desired: 'running' })
    pass(house, 2_000)
    expect(truth(house, 'web')).toMatchObject({ power: 'running', hostId: 'host-1' })
  })

  it('and that is gone waits while a host cannot say whether it has it', () => {
    const house = houseWith()
    house.setHost('host-2', { state: 'suspect' })
    house.guests.get('host-1')!.clear()
    house.now += 1
    house.report('host-1')
    pass(house, 2_000)
    expect(house.vm('web')).toMatchObject({ power: 'missing', recovery: { state: 'waiting' } })
    expect(house.vm('web')!.recovery!.why).toMatchObject([{ code: 'vm_missing' }])
  })
})

describe('a host that comes back', () => {
  it('before its VMs found a place runs them again itself', () => {
    const house = houseWith()
    house.setVm('web', { memoryBytes: 14 * gib })
    for (const hostId of ['host-2', 'host-3'] as const)
      house.addVm(`on ${hostId}`, hostId, 'datastore-1', 'running')
    for (const hostId of ['host-2', 'host-3']) house.setVm(`on ${hostId}`, { memoryBytes: 8 * gib })
    lose(house, 'host-1')
    pass(house, 5_000)
    expect(house.vm('web')!.power).toBe('off')
    comeBack(house, 'host-1')
    pass(house, 2_000)
    expect(truth(house, 'web')).toMatchObject({ power: 'running', hostId: 'host-1', homeId: null })
  })

  it('while a restart is being prepared is believed only when it has spoken', () => {
    const house = houseWith()
    lose(house, 'host-1')
    house.accepted(decideRecover)
    house.setHost('host-1', { state: 'connecting', proof: null })
    house.world.live.get('host-1')!.reportedAt = null
    for (let n = 0; n < 20; n += 1) house.step()
    expect(house.commands).toEqual([])
    // Somebody has started it there meanwhile.
    house.guests.get('host-1')!.get(house.vm('web')!.uuid)!.state = 'running'
    house.world.live.get('host-1')!.reportedAt = house.now
    house.setHost('host-1', { state: 'connected', stateSince: house.now })
    house.report('host-1')
    pass(house, 20_000)
    expect(truth(house, 'web')).toMatchObject({ power: 'running', hostId: 'host-1', recovery: null })
    expect(house.commands.filter(({ body }) => body.kind === 'vm.start')).toEqual([])
  })
})

it('takes a second for a large site, not more', () => {
  const house = new House()
  const host = house.host('host-2')
  for (let n = 4; n <= 67; n += 1) {
    const id = `host-${n}` as const
    setRow(house.world, 'host', id, {
      ...host,
      id,
      name: `esx-${n}`,
      facts: { ...host.facts!, memoryBytes: 256 * gib },
    })
    house.world.live.set(id, { ...house.world.live.get('host-2')!, seen: new Map() })
  }
  for (let n = 0; n < 40; n += 1) house.addVm(`v${n}`, 'host-1', 'datastore-1', 'running')
  lose(house, 'host-1')
  const ctx = {
    now: house.now,
    ids: { next: (kind: string) => `${kind}-900` },
    initiator: { kind: 'drover' },
  }
  const began = performance.now()
  expect(decideRecover(house.world, ctx as unknown as Context).ok).toBe(true)
  expect(performance.now() - began).toBeLessThan(1_000)
})

import { type Rule, setRow, type Vm } from '@drover/model'
import { describe, expect, it } from 'vitest'
import { House } from '../testing/house'
import { choosePlaces, type Place, type PlaceOptions } from './choosePlaces'

const gib = 1024 ** 3

/** A house whose first host is fenced, with these VMs lost on it. */
function lost(...names: string[]): House {
  const house = new House()
  for (const name of names) house.addVm(name, 'host-1', 'datastore-1', 'off')
  house.setHost('host-1', { state: 'fenced' })
  for (const vm of house.world.tables.vm.values())
    if (vm.hostId === 'host-1') house.setVm(vm.name, { power: 'off', desired: 'running' })
  return house
}

function rule(house: House, set: Partial<Rule>): void {
  const id = `rule-${house.world.tables.rule.size + 1}` as const
  const base = { clusterId: 'cluster-1', name: id, kind: 'vm-vm', relation: 'apart', strict: true } as const
  const rest = { vmIds: [], hosts: [], enabled: true, version: 1, createdAt: 0 }
  setRow(house.world, 'rule', id, { id, ...base, ...rest, ...set })
}

function ids(house: House, ...names: string[]): Vm['id'][] {
  return names.map((name) => house.vm(name)!.id)
}

function places(house: House, names: string[], options: Partial<PlaceOptions> = {}): (string | string[])[] {
  const vms = names.map((name) => house.vm(name)!)
  const chosen = choosePlaces(house.world, vms, { purpose: 'restart', ...options })
  return vms.map((vm) => {
    const place = chosen.get(vm.id)!
    return 'hostId' in place ? place.hostId : why(place)
  })
}

/** The codes of all reasons, as `host: code`. */
function why(place: Extract<Place, { refusals: unknown }>): string[] {
  return place.refusals.flatMap((refusal) =>
    refusal.code === 'no_host_fits'
      ? refusal.hosts.flatMap(({ host, refusals }) => refusals.map(({ code }) => `${host.id}: ${code}`))
      : [refusal.code],
  )
}

describe('VMs of a host that is gone', () => {
  it('are spread over those that are left', () => {
    const house = lost('a', 'b', 'c')
    expect(places(house, ['a', 'b', 'c', 'web']).sort()).toEqual(['host-2', 'host-2', 'host-3', 'host-3'])
  })

  it('say of every host why it cannot take them', () => {
    const house = lost('a')
    house.setVm('a', { memoryBytes: 12 * gib })
    house.addVm('fat', 'host-2', 'datastore-1', 'running')
    house.setVm('fat', { memoryBytes: 8 * gib })
    house.setHost('host-3', { quarantinedUntil: 2_000_000 })
    expect(places(house, ['a'])).toEqual([
      ['host-1: host_silent', 'host-2: memory_short', 'host-3: host_quarantined'],
    ])
    expect(places(house, ['a'], { allowOvercommit: true })).toEqual(['host-2'])
  })

  it('fit where a way exists, though not by putting each where there is most room', () => {
    const house = lost('a', 'b', 'c')
    // 15 GiB on each of two hosts: 9 + 6 and 8 + 7; the most room first would strand one.
    const sizes = { a: 9, b: 8, c: 7, web: 6 }
    for (const [name, size] of Object.entries(sizes)) house.setVm(name, { memoryBytes: size * gib })
    const chosen = places(house, ['a', 'b', 'c', 'web'])
    expect(chosen[0]).toBe(chosen[3])
    expect(chosen[1]).toBe(chosen[2])
    expect(chosen[0]).not.toBe(chosen[1])
  })

  it('come by tier when not all fit', () => {
    const house = lost('a', 'b')
    house.setHost('host-3', { state: 'fenced' })
    for (const name of ['a', 'b']) house.setVm(name, { memoryBytes: 10 * gib })
    house.setVm('b', { ha: { ...house.vm('b')!.ha, tier: 1 } })
    expect(places(house, ['a', 'b'])[1]).toBe('host-2')
    house.setVm('b', { ha: { ...house.vm('b')!.ha, restart: 'bestEffort' } })
    expect(places(house, ['a', 'b'])[0]).toBe('host-2')
  })

  it('stay where they are when that host is up: a crash is no reason to move', () => {
    const house = new House()
    house.setVm('web', { power: 'crashed', desired: 'running' })
    for (const name of ['x', 'y', 'z']) house.addVm(name, 'host-1', 'datastore-1', 'running')
    expect(places(house, ['web'])).toEqual(['host-1'])
    const tried = new Map([[house.vm('web')!.id, new Map([['host-1' as const, limit(house)]])]])
    expect(places(house, ['web'], { exclude: tried })[0]).not.toBe('host-1')
    expect(places(house, ['web'], { avoid: new Set(['host-1', 'host-2', 'host-3']) })).toEqual([[]])
  })

  it('need their disks and networks there', () => {
    const house = lost()
    const local = house.addVm('db', 'host-1', 'datastore-2', 'off')
    house.setHost('host-2', { networks: [] })
    expect(places(house, [local.name])).toEqual([
      [
        'host-1: host_silent',
        'host-2: datastore_absent',
        'host-2: network_absent',
        'host-3: datastore_absent',
      ],
    ])
  })

  it('are not promised memory twice', () => {
    const house = lost('a')
    house.addVm('starting', 'host-2', 'datastore-1', 'running')
    house.setVm('starting', { memoryBytes: 10 * gib })
    house.setVm('a', { memoryBytes: 10 * gib })
    expect(places(house, ['a'])).toEqual(['host-3'])
  })
})

function limit(house: House) {
  const { id, name } = house.vm('web')!
  return { code: 'start_limit', vm: { id, name }, times: 2, last: 'no.' } as const
}

describe('rules', () => {
  it('that are strict hold, even when a VM stays down', () => {
    const house = lost('a', 'b', 'c')
    rule(house, { vmIds: ids(house, 'a', 'b', 'c') })
    const chosen = places(house, ['a', 'b', 'c'])
    expect(chosen.slice(0, 2).sort()).toEqual(['host-2', 'host-3'])
    expect(chosen[2]).toEqual(['host-1: host_silent', 'host-2: rule_forbids', 'host-3: rule_forbids'])
  })

  it('count what already runs, and what is on its way', () => {
    const house = lost('a')
    house.addVm('b', 'host-2', 'datastore-1', 'running')
    rule(house, { vmIds: ids(house, 'a', 'b') })
    expect(places(house, ['a'])).toEqual(['host-3'])
    rule(house, { relation: 'together', vmIds: ids(house, 'a', 'b') })
    expect(places(house, ['a'])[0]).toContain('host-3: rule_forbids')
  })

  it('keep a group in one place, where the rest of it runs', () => {
    const house = lost('a', 'b')
    house.addVm('c', 'host-3', 'datastore-1', 'running')
    rule(house, { relation: 'together', vmIds: ids(house, 'a', 'b') })
    rule(house, { relation: 'together', vmIds: ids(house, 'b', 'c') })
    expect(places(house, ['a', 'b'])).toEqual(['host-3', 'host-3'])
  })

  it('with wishes are followed by priority, and left where they cannot be', () => {
    const house = lost('a')
    const hosts = [
      { hostId: 'host-3', priority: 2 },
      { hostId: 'host-2', priority: 1 },
    ] as const
    house.addVm('busy', 'host-3', 'datastore-1', 'running')
    rule(house, { kind: 'vm-host', relation: 'on', strict: false, vmIds: ids(house, 'a'), hosts: [...hosts] })
    expect(places(house, ['a'])).toEqual(['host-3'])
    house.setHost('host-3', { mode: 'maintenance' })
    expect(places(house, ['a'])).toEqual(['host-2'])
    rule(house, { kind: 'vm-host', relation: 'notOn', vmIds: ids(house, 'a'), hosts: [hosts[1]] })
    expect(places(house, ['a'])[0]).toContain('host-2: rule_forbids')
  })

  it('that are switched off do not count', () => {
    const house = lost('a', 'b')
    house.setHost('host-3', { state: 'fenced' })
    rule(house, { vmIds: ids(house, 'a', 'b'), enabled: false })
    expect(places(house, ['a', 'b'])).toEqual(['host-2', 'host-2'])
  })
})

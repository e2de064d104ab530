import type { RuleInput, Vm } from '@drover/model'
import { describe, expect, it } from 'vitest'
import { accept } from '../decision'
import { openIncident } from '../incident/rows'
import { House } from '../testing/house'
import { lose } from '../testing/loss'
import { decideDelete } from '../vm/delete'
import { decideMigrate, planMigrate } from '../vm/migrate'
import { decideMigrateGroup, planMigrateGroup } from '../vm/migrateGroup'
import { decidePower } from '../vm/power'
import { Changes } from '../world/changes'
import { decideChangeRule, decideCreateRule, decideDeleteRule } from './decide'
import { decideMendRules } from './mend'
import { violations } from './violations'

const gib = 1024 ** 3

function ids(house: House, ...names: string[]): Vm['id'][] {
  return names.map((name) => house.vm(name)!.id)
}

function input(house: House, relation: RuleInput['relation'], names: string[], set: Partial<RuleInput> = {}) {
  const kind = relation === 'on' || relation === 'notOn' ? 'vm-host' : 'vm-vm'
  const name = `rule ${house.world.tables.rule.size + 1}`
  const vmIds = ids(house, ...names)
  const base = { clusterId: 'cluster-1', name, kind, relation, strict: true, vmIds, hosts: [], enabled: true }
  return { ...base, ...set } as RuleInput
}

function create(house: House, ...given: Parameters<typeof input> extends [House, ...infer R] ? R : never) {
  return house.accepted((w, c) => decideCreateRule(w, input(house, ...given), c))
}

function refused(house: House, ...given: Parameters<typeof input> extends [House, ...infer R] ? R : never) {
  const decision = house.decide((w, c) => decideCreateRule(w, input(house, ...given), c))
  return decision.ok ? [] : decision.refusals
}

function houseWith(where: Record<string, 1 | 2 | 3>): House {
  const house = new House()
  for (const [name, host] of Object.entries(where))
    house.addVm(name, `host-${host}`, 'datastore-1', 'running')
  return house
}

function on(...hosts: number[]): Partial<RuleInput> {
  return { hosts: hosts.map((host, i) => ({ hostId: `host-${host}`, priority: hosts.length - i })) }
}

describe('a rule', () => {
  it('is made, changed and removed, each with a sentence in history', () => {
    const house = houseWith({ a: 1, b: 2 })
    const ruleId = create(house, 'apart', ['a', 'b'])
    expect(house.events.at(-1)).toMatchObject({ text: 'a and b must run on different hosts.' })
    house.accepted((w, c) => decideChangeRule(w, { ruleId, changes: { strict: false } }, c))
    expect(house.events.at(-1)).toMatchObject({
      fields: ['strict'],
      text: 'a and b should run on different hosts.',
    })
    expect(house.world.tables.rule.get(ruleId)!.version).toBe(2)
    const before = house.events.length
    house.accepted((w, c) => decideChangeRule(w, { ruleId, changes: { strict: false } }, c))
    expect(house.events.length).toBe(before)
    house.accepted((w, c) => decideDeleteRule(w, { ruleId }, c))
    expect(house.world.tables.rule.size).toBe(0)
  })

  it('that is not well formed is refused field by field', () => {
    const house = houseWith({ a: 1 })
    const bad = refused(house, 'apart', ['a', 'a'], { name: ' ', ...on(1), relation: 'on' })
    expect(bad.map((one) => (one.code === 'invalid' ? one.field : one.code))).toEqual([
      'name',
      'relation',
      'vmIds',
      'hosts',
    ])
    expect(refused(house, 'on', ['a'])).toMatchObject([{ field: 'hosts' }])
    expect(refused(house, 'apart', ['a', 'web'], { vmIds: ['vm-77', 'vm-1'] })).toMatchObject([
      { code: 'not_found', id: 'vm-77' },
    ])
    create(house, 'apart', ['a', 'web'], { name: 'pair' })
    expect(refused(house, 'apart', ['a', 'web'], { name: 'pair' })).toMatchObject([{ code: 'name_taken' }])
  })

  it('that cannot hold beside another says which, who, and what resolves it', () => {
    const house = houseWith({ a: 1, b: 1, c: 1 })
    create(house, 'together', ['a', 'b'], { name: 'stack' })
    create(house, 'together', ['b', 'c'], { name: 'chain' })
    const [torn] = refused(house, 'apart', ['a', 'c'], { name: 'split' })
    expect(torn).toMatchObject({ code: 'rule_conflict' })
    if (torn?.code !== 'rule_conflict') throw new Error('no conflict')
    expect(torn.rules.map(({ name }) => name).sort()).toEqual(['chain', 'split', 'stack'])
    expect(torn.sentence).toContain('a and c')
    // One that should hold cannot conflict, and neither can one that is off.
    expect(refused(house, 'apart', ['a', 'c'], { strict: false })).toEqual([])
    expect(refused(house, 'apart', ['a', 'c'], { enabled: false })).toEqual([])
  })

  it('that leaves no host, or too few, or none that is large enough, is refused', () => {
    const house = houseWith({ a: 1, b: 1, c: 1, d: 1 })
    create(house, 'on', ['a'], on(1))
    expect(refused(house, 'notOn', ['a'], on(1))[0]).toMatchObject({ code: 'rule_conflict' })
    expect(refused(house, 'on', ['a', 'b'], on(2))[0]).toMatchObject({
      sentence: expect.stringContaining('no host for a'),
    })
    expect(refused(house, 'apart', ['a', 'b', 'c', 'd'])[0]).toMatchObject({
      sentence: expect.stringContaining('only 3 hosts'),
    })
    house.setVm('c', { memoryBytes: 8 * gib })
    house.setVm('d', { memoryBytes: 8 * gib })
    expect(refused(house, 'together', ['c', 'd'])[0]).toMatchObject({
      sentence: expect.stringContaining('need 16 GiB'),
    })
  })
})

describe('a strict rule', () => {
  it('forbids a migration that would break it', () => {
    const house = houseWith({ a: 1, b: 2 })
    create(house, 'apart', ['a', 'b'])
    const to = (targetId: string) =>
      planMigrate(house.world, house.vm('a')!, { vmId: 'vm-2', targetId }).verdict
    expect(to('host-2')).toMatchObject({ refusals: [{ code: 'rule_forbids' }] })
    expect(to('host-3')).toEqual({ ok: true })
    // And counts what is on its way.
    house.accepted((w, c) => decideMigrate(w, { vmId: house.vm('b')!.id, targetId: 'host-3' }, c))
    expect(to('host-3')).toMatchObject({ refusals: [{ code: 'rule_forbids' }] })
  })

  it('lets a group move as a whole only', () => {
    const house = houseWith({ a: 1, b: 1 })
    create(house, 'together', ['a', 'b'])
    const [a, b] = ids(house, 'a', 'b') as [Vm['id'], Vm['id']]
    const alone = house.decide((w, c) => decideMigrate(w, { vmId: a, targetId: 'host-2' }, c))
    expect(alone).toMatchObject({ refusals: [{ code: 'rule_forbids' }] })
    house.accepted((w, c) => decideMigrate(w, { vmId: a, targetId: 'host-2', along: [b] }, c))
    house.accepted((w, c) => decideMigrate(w, { vmId: b, targetId: 'host-2', along: [a] }, c))
    house.run()
    expect([house.vm('a')!.hostId, house.vm('b')!.hostId]).toEqual(['host-2', 'host-2'])
  })

  it('lets a group be moved by one order, to where all of it fits', () => {
    const house = houseWith({ a: 1, b: 1, big: 2 })
    house.setVm('a', { memoryBytes: 5 * gib })
    house.setVm('b', { memoryBytes: 5 * gib })
    house.setVm('big', { memoryBytes: 8 * gib })
    create(house, 'together', ['a', 'b'])
    const vmId = house.vm('a')!.id
    expect(planMigrateGroup(house.world, house.vm('a')!, { vmId }).target?.id).toBe('host-3')
    house.accepted((w, c) => decideMigrateGroup(w, { vmId }, c))
    house.run()
    expect([house.vm('a')!.hostId, house.vm('b')!.hostId]).toEqual(['host-3', 'host-3'])
    const none = house.decide((w, c) => decideMigrateGroup(w, { vmId, targetId: 'host-2' }, c))
    expect(none.ok).toBe(true)
  })

  it('is left by a VM that is deleted, and ends with the last that it needs', () => {
    const house = houseWith({ a: 1 })
    for (const name of ['b', 'c']) house.addVm(name, 'host-1', 'datastore-1', 'off')
    create(house, 'apart', ['a', 'b', 'c'])
    for (const name of ['c', 'b']) {
      const { id } = house.vm(name)!
      house.accepted((w, c) => decideDelete(w, { vmId: id, confirmName: name }, c))
      house.run()
      expect([...house.world.tables.rule.values()].map((rule) => rule.vmIds.length)).toEqual(
        name === 'c' ? [2] : [],
      )
    }
  })

  it('forbids a start where it would be broken', () => {
    const house = houseWith({ a: 1 })
    house.setVm('web', { power: 'off' })
    create(house, 'apart', ['a', 'web'])
    const start = () => house.decide((w, c) => decidePower(w, 'vm.start', { vmId: 'vm-1' }, c))
    expect(start()).toMatchObject({ refusals: [{ code: 'rule_forbids' }] })
    house.setVm('a', { power: 'off' })
    expect(start().ok).toBe(true)
  })
})

describe('broken rules', () => {
  /** Lets rules be mended until nothing happens any more. */
  function settle(house: House): void {
    for (let round = 0; round < 20; round += 1) {
      const before = house.events.length
      house.accepted((w, c) => decideMendRules(w, c))
      house.run()
      if (house.events.length === before) return
    }
    throw new Error('does not settle')
  }
  const where = (house: House, ...names: string[]) => names.map((name) => house.vm(name)!.hostId)
  const moves = (house: House) => house.events.filter(({ kind }) => kind === 'vm.moved').length

  it('are shown, and mended with the fewest moves', () => {
    const house = houseWith({ a: 1, b: 1 })
    create(house, 'apart', ['a', 'b'])
    expect(violations(house.world, 'cluster-1')).toMatchObject([
      { text: expect.stringContaining('a on esx-1') },
    ])
    settle(house)
    expect(moves(house)).toBe(1)
    expect(new Set(where(house, 'a', 'b')).size).toBe(2)
    expect(violations(house.world, 'cluster-1')).toEqual([])
  })

  it('between two groups that get in one another’s way are mended whole', () => {
    const house = houseWith({ a1: 1, a2: 3, a3: 1, b1: 1, b2: 2, b3: 1 })
    create(house, 'together', ['a1', 'a2', 'a3'])
    create(house, 'together', ['b1', 'b2', 'b3'])
    create(house, 'apart', ['a1', 'b1'])
    settle(house)
    const [a, b] = [where(house, 'a1', 'a2', 'a3'), where(house, 'b1', 'b2', 'b3')]
    expect([new Set(a).size, new Set(b).size]).toEqual([1, 1])
    expect(a[0]).not.toBe(b[0])
    expect(moves(house)).toBe(3)
  })

  it('by VMs on hosts where they must not be', () => {
    const house = houseWith({ a: 1 })
    create(house, 'on', ['a'], on(2, 3))
    settle(house)
    expect(where(house, 'a')).toEqual(['host-2'])
  })

  it('are mended while a dead host is away that ran nothing, however long', () => {
    const house = houseWith({ a: 1, b: 1 })
    create(house, 'apart', ['a', 'b'])
    house.accepted((world, ctx) => {
      const changes = new Changes(world, { ...ctx, initiator: { kind: 'drover' } })
      const host = house.host('host-3')
      openIncident(changes, { clusterId: 'cluster-1', kind: 'host', host, title: 'esx-3 is silent' })
      return accept(changes.events, null)
    })
    settle(house)
    expect(moves(house)).toBe(0)
    lose(house, 'host-3')
    expect(house.world.index.openIncidents.size).toBe(1)
    settle(house)
    expect(moves(house)).toBe(1)
  })

  it('wait while a host is in doubt, and while the cluster is disarmed', () => {
    const house = houseWith({ a: 1, b: 1 })
    create(house, 'apart', ['a', 'b'])
    house.setHost('host-3', { state: 'suspect' })
    settle(house)
    expect(moves(house)).toBe(0)
    house.setHost('host-3', { state: 'connected' })
    const cluster = house.world.tables.cluster.get('cluster-1')!
    house.world.tables.cluster.set('cluster-1', { ...cluster, ha: { ...cluster.ha, mode: 'hold' } })
    settle(house)
    expect(moves(house)).toBe(0)
  })

  it('that cannot be mended cost no moves', () => {
    const house = houseWith({ a: 1, b: 1 })
    create(house, 'apart', ['a', 'b'])
    for (const id of ['host-2', 'host-3'] as const) house.setHost(id, { networks: [] })
    settle(house)
    expect(moves(house)).toBe(0)
  })

  it('after a failed move rest for a while', () => {
    const house = houseWith({ a: 1, b: 1 })
    create(house, 'apart', ['a', 'b'])
    house.fault = (_n, body) => (body.kind === 'vm.migrate' ? 'failed' : null)
    settle(house)
    const failed = () => house.events.filter((event) => event.kind === 'task.ended').length
    expect(failed()).toBe(1)
    house.now += 61_000
    settle(house)
    expect(failed()).toBe(2)
  })
})

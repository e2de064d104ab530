// biome-ignore-all lint/suspicious/noThenProperty: what an evacuation is followed by; nothing here is awaited
import { type HostId, isOpen, type Rule, setRow, type TaskId } from '@drover/model'
import { describe, expect, it } from 'vitest'
import { decideCancel } from '../task/cancel'
import { type Fault, House } from '../testing/house'
import { decideMigrate } from '../vm/migrate'
import { decideEvacuate, type EvacuateInput } from './evacuate'
import { planEvacuation } from './evacuate/plan'
import { decideExitMaintenance, planHome } from './exitMaintenance'
import { decideEnterMaintenance } from './maintenance'

const gib = 1024 ** 3

function crowded(count = 4): House {
  const house = new House()
  for (let n = 1; n < count; n += 1) house.addVm(`web-${n}`, 'host-1', 'datastore-1', 'running')
  house.addVm('cellar', 'host-1', 'datastore-1', 'off')
  return house
}

function evacuate(house: House, input: Partial<EvacuateInput> = {}): TaskId {
  const all = { hostId: 'host-1', then: 'maintenance' as const, ...input }
  return house.accepted((w, c) => decideEvacuate(w, all, c)).taskId!
}

const homes = (house: House) =>
  Object.fromEntries([...house.world.tables.vm.values()].map((vm) => [vm.name, vm.hostId]))
const activeOn = (house: House, id: HostId) =>
  [...house.guests.get(id)!.values()].filter(({ state }) => state === 'running')

function rule(house: House, set: Partial<Rule>): void {
  const base: Rule = {
    id: 'rule-1',
    clusterId: 'cluster-1',
    name: 'a rule',
    kind: 'vm-vm',
    relation: 'together',
    strict: true,
    vmIds: [],
    hosts: [],
    enabled: true,
    version: 1,
    createdAt: 0,
  }
  setRow(house.world, 'rule', 'rule-1', { ...base, ...set })
}

describe('the plan to empty a host', () => {
  it('names for each VM where it goes, how, and how long it takes', () => {
    const house = crowded()
    const plan = planEvacuation(house.world, 'host-1', house.now)
    expect(plan.complete).toBe(true)
    const active = plan.moves.filter(({ method }) => method === 'live')
    expect(active).toHaveLength(4)
    expect(new Set(active.map(({ target }) => target!.id))).toEqual(new Set(['host-2', 'host-3']))
    expect(plan.moves.find(({ vm }) => vm.name === 'cellar')).toMatchObject({ method: 'leave', target: null })
    expect(plan.bytes).toBe(4 * gib)
    // Two at once, so half of what it takes one after the other.
    expect(plan.expectedMs).toBe(2 * active[0]!.expectedMs!)
  })

  it('says of a VM that can go nowhere why, with a remedy, and is not complete', () => {
    const house = crowded(2)
    rule(house, {
      kind: 'vm-host',
      relation: 'on',
      vmIds: [house.vm('web')!.id],
      hosts: [{ hostId: 'host-1', priority: 0 }],
    })
    const plan = planEvacuation(house.world, 'host-1', house.now)
    expect(plan.complete).toBe(false)
    const web = plan.moves.find(({ vm }) => vm.name === 'web')!
    expect(JSON.stringify(web.blockers)).toContain('rule_forbids')
    expect(plan.moves.find(({ vm }) => vm.name === 'web-1')!.blockers).toEqual([])
  })

  it('never promises more memory than there is', () => {
    const house = crowded(1)
    for (let n = 0; n < 3; n += 1) {
      house.addVm(`big-${n}`, 'host-1', 'datastore-1', 'running')
      house.setVm(`big-${n}`, { memoryBytes: 8 * gib })
    }
    // Two hosts of 15 GiB take one of 8 GiB each: the third has no place.
    const plan = planEvacuation(house.world, 'host-1', house.now)
    expect(
      plan.moves.filter(({ vm, blockers }) => vm.name.startsWith('big') && blockers.length > 0),
    ).toHaveLength(1)
    expect(plan.complete).toBe(false)
  })

  it('keeps together what belongs together, and apart what must not meet', () => {
    const house = crowded()
    const ids = (names: string[]) => names.map((name) => house.vm(name)!.id)
    rule(house, { vmIds: ids(['web', 'web-1', 'web-2']) })
    const together = planEvacuation(house.world, 'host-1', house.now)
    expect(together.complete).toBe(true)
    const targets = (names: string[], plan = together) =>
      new Set(names.map((name) => plan.moves.find(({ vm }) => vm.name === name)!.target!.id))
    expect(targets(['web', 'web-1', 'web-2']).size).toBe(1)
    rule(house, { relation: 'apart', vmIds: ids(['web', 'web-1']) })
    const apart = planEvacuation(house.world, 'host-1', house.now)
    expect(targets(['web', 'web-1'], apart).size).toBe(2)
  })

  it('moves cold only what cannot go live, and only where that is allowed', () => {
    const house = crowded(2)
    for (const id of ['host-2', 'host-3'] as const) {
      const { facts } = house.host(id)
      house.setHost(id, { facts: { ...facts!, cpu: { ...facts!.cpu, features: [] } } })
    }
    const strict = planEvacuation(house.world, 'host-1', house.now)
    expect(strict.complete).toBe(false)
    expect(JSON.stringify(strict.moves[0]!.blockers)).toContain('cpu_model')
    expect(strict.moves[0]!.note).toContain('cold')
    const cold = planEvacuation(house.world, 'host-1', house.now, { cold: true })
    expect(cold.complete).toBe(true)
    expect(cold.moves.find(({ vm }) => vm.name === 'web')!.method).toBe('cold')
  })
})

describe('emptying a host', () => {
  it('makes exactly the approved moves, then is in maintenance, and remembers where they were', () => {
    const house = crowded()
    const { fingerprint, moves } = planEvacuation(house.world, 'host-1', house.now)
    const id = evacuate(house, { fingerprint })
    expect(house.host('host-1').mode).toBe('entering')
    house.run()
    expect(house.task(id)).toMatchObject({
      state: 'succeeded',
      outcome: { code: 'host_ready', mode: 'maintenance', moved: 4 },
    })
    expect(house.host('host-1').mode).toBe('maintenance')
    expect(activeOn(house, 'host-1')).toEqual([])
    for (const { vm, target } of moves.filter(({ method }) => method === 'live')) {
      expect(homes(house)[vm.name]).toBe(target!.id)
      expect(house.vm(vm.name)!.homeId).toBe('host-1')
    }
    expect(homes(house).cellar).toBe('host-1')
    expect(house.events.some(({ kind }) => kind === 'host.replanned')).toBe(false)
    expect(house.commands.some(({ body }) => body.kind === 'vm.stop' || body.kind === 'vm.shutdown')).toBe(
      false,
    )
  })

  it('keeps to the limit of migrations, and has the next ready', () => {
    const house = crowded(6)
    evacuate(house)
    let most = 0
    house.check = () => {
      const parts = [...house.world.index.openTasks]
        .map((one) => house.task(one))
        .filter(({ kind }) => kind === 'vm.migrate')
      most = Math.max(most, parts.filter(({ state }) => state === 'running').length)
      expect(parts.length).toBeLessThanOrEqual(3)
    }
    house.run()
    expect(most).toBe(2)
  })

  it('refuses a plan that no longer fits, naming what changed', () => {
    const house = crowded()
    const { fingerprint } = planEvacuation(house.world, 'host-1', house.now)
    house.setHost('host-3', { mode: 'maintenance' })
    house.setVm('web-1', { power: 'off' })
    const refused = house.decide((w, c) =>
      decideEvacuate(w, { hostId: 'host-1', then: 'maintenance', fingerprint }, c),
    )
    expect(refused).toMatchObject({ ok: false, refusals: [{ code: 'plan_changed' }] })
    const { what } = (refused as { refusals: { what: string[] }[] }).refusals[0]!
    expect(what).toEqual(['web-1 is off now', 'esx-3 is connected, maintenance'])
  })

  it('refuses, with every blocker, what cannot be emptied; with `partial` it moves the rest and waits', () => {
    const house = crowded(2)
    const only = house.vm('web')!.id
    rule(house, {
      kind: 'vm-host',
      relation: 'on',
      vmIds: [only],
      hosts: [{ hostId: 'host-1', priority: 0 }],
    })
    const input = { hostId: 'host-1', then: 'maintenance' as const }
    expect(house.decide((w, c) => decideEvacuate(w, input, c))).toMatchObject({
      refusals: [{ code: 'blockers', vms: [{ vm: { name: 'web' } }] }],
    })
    expect(house.host('host-1').mode).toBe('normal')
    const id = evacuate(house, { partial: true })
    house.run()
    expect(house.task(id)).toMatchObject({ state: 'running', waiting: { code: 'attention' } })
    expect(house.host('host-1').mode).toBe('entering')
    expect(homes(house)).toMatchObject({ web: 'host-1' })
    expect(homes(house)['web-1']).not.toBe('host-1')
    // The rule is changed: it goes on by itself.
    rule(house, { enabled: false })
    house.run()
    expect(house.task(id).state).toBe('succeeded')
    expect(house.host('host-1').mode).toBe('maintenance')
  })

  it('plans again, and says so, when the world changes meanwhile', () => {
    const house = crowded()
    const id = evacuate(house)
    const { plan } = house.task(id).params as { plan: { moves: { target: { id: HostId } | null }[] } }
    const last = plan.moves.findLast(({ target }) => target)!.target!.id
    house.step()
    house.step()
    house.setHost(last, { mode: 'maintenance' })
    house.run()
    expect(house.task(id).state).toBe('succeeded')
    expect(house.events.some(({ kind }) => kind === 'host.replanned')).toBe(true)
    expect(activeOn(house, 'host-1')).toEqual([])
  })

  it('tries a VM elsewhere that would not go, and stops short after some tries', () => {
    const house = crowded(1)
    const tried: string[] = []
    house.fault = (_, body) => {
      if (body.kind !== 'vm.migrate') return null
      tried.push(body.targetAddress)
      return tried.length === 1 ? 'failed' : null
    }
    const id = evacuate(house)
    house.run()
    expect(house.task(id).state).toBe('succeeded')
    expect(new Set(tried).size).toBe(2)

    const stubborn = crowded(2)
    const { uuid } = stubborn.vm('web')!
    stubborn.fault = (_, body) => (body.kind === 'vm.migrate' && body.uuid === uuid ? 'failed' : null)
    const other = evacuate(stubborn)
    stubborn.run()
    expect(stubborn.task(other)).toMatchObject({
      state: 'failed',
      outcome: { code: 'host_stopped_short', moved: 1 },
    })
    expect(stubborn.host('host-1').mode).toBe('entering')
    expect(stubborn.runsOn(uuid)).toEqual(['host-1'])
  })

  it('moves as a whole what belongs together, there and home again', () => {
    const house = crowded()
    const together = ['web', 'web-1', 'web-2']
    rule(house, { vmIds: together.map((name) => house.vm(name)!.id) })
    const id = evacuate(house)
    house.run()
    expect(house.task(id), JSON.stringify(house.task(id).outcome)).toMatchObject({ state: 'succeeded' })
    expect(new Set(together.map((name) => homes(house)[name])).size).toBe(1)
    expect(house.events.some(({ kind }) => kind === 'host.replanned')).toBe(false)
    const { taskId } = house.accepted((w, c) => decideExitMaintenance(w, { hostId: 'host-1', home: true }, c))
    house.run()
    expect(house.task(taskId!).state).toBe('succeeded')
    expect(together.map((name) => homes(house)[name])).toEqual(['host-1', 'host-1', 'host-1'])
  })

  it.each(['lost', 'unknown', 'twice', 'failed'] satisfies Fault[])(
    'is empty in the end when any one order is %s, and nothing has stopped',
    (fault) => {
      const whole = crowded()
      evacuate(whole)
      whole.run()
      for (let at = 0; at < whole.commands.length; at += 1) {
        const house = crowded()
        const id = evacuate(house)
        house.fault = (n) => (n === at ? fault : null)
        house.run()
        expect(house.task(id).state, `${fault} at ${at}: ${JSON.stringify(house.task(id).outcome)}`).toBe(
          'succeeded',
        )
        expect(house.world.index.openTasks.size).toBe(0)
        for (const vm of house.world.tables.vm.values())
          if (vm.name !== 'cellar') expect(house.runsOn(vm.uuid), `${fault} at ${at}`).toEqual([vm.hostId])
      }
    },
  )

  it('evacuates only: the host is in service again afterwards', () => {
    const house = crowded()
    const id = evacuate(house, { then: 'nothing' })
    house.run()
    expect(house.task(id)).toMatchObject({ state: 'succeeded', outcome: { mode: 'empty' } })
    expect(house.host('host-1').mode).toBe('normal')
    expect(activeOn(house, 'host-1')).toEqual([])
  })

  it('ends when its host is lost, and leaves the rest to high availability', () => {
    const house = crowded()
    const id = evacuate(house)
    house.step()
    house.setHost('host-1', { state: 'fencing' })
    house.step()
    expect(house.task(id)).toMatchObject({ state: 'failed', outcome: { code: 'host_stopped_short' } })
  })

  it('shuts down what is to be stopped and not moved, and lets it wait for its host', () => {
    const house = crowded(2)
    house.setVm('web', { ha: { ...house.vm('web')!.ha, evacuate: 'stop' } })
    const id = evacuate(house)
    expect(house.host('host-1').held).not.toBeNull()
    house.run()
    expect(house.task(id).state).toBe('succeeded')
    expect(house.vm('web')).toMatchObject({ hostId: 'host-1', power: 'off', desired: 'running' })
    house.accepted((w, c) => decideExitMaintenance(w, { hostId: 'host-1' }, c))
    expect(house.host('host-1')).toMatchObject({ mode: 'normal', held: null })
  })

  it('is nothing new for a host in maintenance, and at once for one that is proven off', () => {
    const house = crowded()
    house.setHost('host-1', { mode: 'maintenance' })
    expect(house.accepted((w, c) => decideEnterMaintenance(w, { hostId: 'host-1' }, c)).taskId).toBeNull()
    house.setHost('host-2', { state: 'fenced' })
    expect(house.accepted((w, c) => decideEnterMaintenance(w, { hostId: 'host-2' }, c)).taskId).toBeNull()
    expect(house.host('host-2').mode).toBe('maintenance')
  })

  it('cancelled at any moment, leaves every VM running and the host in service', () => {
    const whole = crowded()
    evacuate(whole)
    whole.run()
    for (let at = 0; at < whole.commands.length; at += 1) {
      const house = crowded()
      const id = evacuate(house)
      house.fault = (n) => {
        if (n === at) house.decide((w, c) => decideCancel(w, { taskId: id }, c))
        return null
      }
      house.run()
      expect(isOpen(house.task(id)), `${at}`).toBe(false)
      const { state } = house.task(id)
      expect(['cancelled', 'succeeded'], `${at}`).toContain(state)
      expect(house.host('host-1').mode, `${at}`).toBe(state === 'cancelled' ? 'normal' : 'maintenance')
      expect(house.world.index.openTasks.size).toBe(0)
      for (const vm of house.world.tables.vm.values())
        if (vm.name !== 'cellar') expect(house.runsOn(vm.uuid), `${at} ${vm.name}`).toEqual([vm.hostId])
    }
  })
})

describe('the way home', () => {
  function emptied(): House {
    const house = crowded()
    evacuate(house)
    house.run()
    return house
  }
  const exit = (house: House) =>
    house.accepted((w, c) => decideExitMaintenance(w, { hostId: 'host-1', home: true }, c))

  it('puts the host in service at once, and brings back what was taken from it', () => {
    const house = emptied()
    expect(planHome(house.world, 'host-1').moves).toHaveLength(4)
    const { taskId } = exit(house)
    expect(house.host('host-1').mode).toBe('normal')
    house.run()
    expect(house.task(taskId!)).toMatchObject({ state: 'succeeded', outcome: { mode: 'normal', moved: 4 } })
    for (const vm of house.world.tables.vm.values())
      expect(vm).toMatchObject({ hostId: 'host-1', homeId: null })
  })

  it('leaves alone what a person has moved since', () => {
    const house = emptied()
    const web = house.vm('web')!
    const targetId = web.hostId === 'host-2' ? 'host-3' : 'host-2'
    house.accepted((w, c) => decideMigrate(w, { vmId: web.id, targetId }, c))
    house.run()
    expect(house.vm('web')!.homeId).toBeNull()
    exit(house)
    house.run()
    expect(house.vm('web')!.hostId).toBe(targetId)
    expect(house.vm('web-1')!.hostId).toBe('host-1')
  })

  it('brings back what there is room for, and says what stayed', () => {
    const house = emptied()
    house.addVm('squatter', 'host-1', 'datastore-1', 'running')
    house.setVm('squatter', { memoryBytes: 13 * gib })
    const { taskId, evacuation } = exit(house)
    expect(evacuation.moves.filter(({ blockers }) => blockers.length > 0)).toHaveLength(2)
    house.run()
    expect(house.task(taskId!)).toMatchObject({
      state: 'failed',
      outcome: { code: 'host_stopped_short', moved: 2 },
    })
  })

  it('ends an evacuation that is under way', () => {
    const house = crowded()
    const id = evacuate(house)
    house.step()
    house.accepted((w, c) => decideExitMaintenance(w, { hostId: 'host-1' }, c))
    house.run()
    expect(house.task(id).state).toBe('cancelled')
    expect(house.host('host-1').mode).toBe('normal')
  })
})

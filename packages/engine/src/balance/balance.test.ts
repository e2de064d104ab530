import type { Initiator } from '@drover/model'
import { type BalanceSettings, defaultBalanceSettings, setRow, type Task, type VmUsage } from '@drover/model'
import { describe, expect, it } from 'vitest'
import { askRecommendations } from '../load/advice'
import { House } from '../testing/house'
import { answered, carryOut, lookAtLoad } from '../testing/load'
import { lose } from '../testing/loss'
import { decideChangeBalance } from './change'

const gib = 2 ** 30
const drover: Initiator = { kind: 'drover' }
const minute = 60_000

/** Cores that each VM wants, by name; memory is the same for all. */
type Wishes = Record<string, number>

/** What a failure asked for has been done, as far as it can be. */
function settleDead({ world }: House): void {
  for (const incident of world.tables.incident.values()) {
    const vms = incident.vms.map((vm) => ({ ...vm, state: 'error' as const }))
    setRow(world, 'incident', incident.id, { ...incident, vms })
  }
  for (const vm of world.tables.vm.values())
    if (vm.recovery) setRow(world, 'vm', vm.id, { ...vm, recovery: { ...vm.recovery, state: 'error' } })
}

/** Four busy VMs on the first host, none on the others; all has been quiet for long. */
function uneven(set: Partial<BalanceSettings> | null): { house: House; wishes: Wishes } {
  const house = new House()
  const wishes: Wishes = { web: 2 }
  for (const name of ['app', 'db', 'mail']) {
    house.addVm(name, 'host-1', 'datastore-1', 'running')
    wishes[name] = 2
  }
  for (const id of house.guests.keys()) {
    const { facts } = house.host(id)
    house.setHost(id, {
      stateSince: house.now - 10 * minute,
      facts: { ...facts!, cpu: { ...facts!.cpu, cores: 8 } },
    })
  }
  if (set) {
    const balance = { ...defaultBalanceSettings, mode: 'full' as const, holdMs: minute, ...set }
    const cluster = house.world.tables.cluster.get('cluster-1')!
    setRow(house.world, 'cluster', 'cluster-1', { ...cluster, balance })
  }
  say(house, wishes)
  return { house, wishes }
}

/** Every agent says what its host and VMs use. */
function say(house: House, wishes: Wishes): void {
  for (const id of house.guests.keys()) {
    const live = house.world.live.get(id)!
    const rest = { diskReadBytesPerSecond: 0, diskWriteBytesPerSecond: 0 }
    const none = { ...rest, networkInBytesPerSecond: 0, networkOutBytesPerSecond: 0 }
    live.reportedAt ??= house.now
    live.vms = new Map<string, VmUsage>()
    let cores = 0
    let memoryUsedBytes = gib
    for (const vm of house.world.tables.vm.values())
      if (vm.hostId === id && vm.power === 'running') {
        live.vms.set(vm.uuid, { cpu: wishes[vm.name]!, memoryUsedBytes: gib / 2, ...none })
        cores += wishes[vm.name]!
        memoryUsedBytes += gib / 2
      }
    live.usage = { cpu: cores / 8, memoryUsedBytes, ...none }
  }
}

function pass(house: House, wishes: Wishes, ms: number): void {
  const until = house.now + ms
  while (house.now < until) {
    say(house, wishes)
    lookAtLoad(house)
    carryOut(house)
    house.now += 5_000
  }
}

const moves = (house: House): Task[] =>
  [...house.world.tables.task.values()].filter(({ kind }) => kind === 'vm.migrate')
const since = (house: House) => house.world.tables.cluster.get('cluster-1')!.balance?.unevenSince

describe('balancing a cluster', () => {
  it.each([
    ['that says nothing of it', null],
    ['that is off', { mode: 'off' as const }],
    ['that only wants recommendations', { mode: 'manual' as const }],
  ])('%s moves nothing', (_, set) => {
    const { house, wishes } = uneven(set)
    pass(house, wishes, 5 * minute)
    expect(moves(house)).toEqual([])
    expect(answered(askRecommendations(house.world, 'cluster-1', house.now)).moves.length).toBeGreaterThan(0)
  })

  it('moves VMs after the hold time, a few at once, says why, and comes to rest', () => {
    const { house, wishes } = uneven({})
    pass(house, wishes, minute - 10_000)
    expect(moves(house)).toEqual([])
    expect(since(house)).not.toBeNull()
    pass(house, wishes, 30_000)
    expect(moves(house).length).toBeGreaterThan(0)
    expect(moves(house).length).toBeLessThanOrEqual(2)
    for (const task of moves(house)) {
      expect(task).toMatchObject({ state: 'succeeded', initiator: drover })
      expect(task.reason).toMatch(/^Balance: moving .* from esx-1 to esx-[23].*CPU is .* apart/)
    }
    pass(house, wishes, 30 * minute)
    const settled = moves(house).length
    expect(settled).toBeLessThanOrEqual(3)
    expect(since(house)).toBeNull()
    pass(house, wishes, 60 * minute)
    expect(moves(house)).toHaveLength(settled)
    const hosts = [...house.world.tables.vm.values()].map(({ hostId }) => hostId)
    expect(new Set(hosts).size).toBe(3)
  })

  it('goes on counting from the row, as a new leader does', () => {
    const { house, wishes } = uneven({})
    pass(house, wishes, 20_000)
    const began = since(house)!
    pass(house, wishes, 20_000)
    expect(since(house)).toBe(began)
    house.now = began + minute
    lookAtLoad(house)
    expect(moves(house).length).toBeGreaterThan(0)
  })

  it('moves nothing while something is wrong, and nothing of a cluster that is disarmed', () => {
    const { house, wishes } = uneven({})
    house.addVm('spare', 'host-3', 'datastore-1', 'running')
    wishes.spare = 0.1
    pass(house, wishes, 30_000)
    expect(since(house)).not.toBeNull()
    house.setHost('host-2', { state: 'suspect' })
    pass(house, wishes, 10 * minute)
    expect(since(house)).toBeNull()
    expect(answered(askRecommendations(house.world, 'cluster-1', house.now)).blocked).toMatch(
      /esx-2 is suspect/,
    )
    const blocked = () => answered(askRecommendations(house.world, 'cluster-1', house.now)).blocked
    house.setHost('host-2', { state: 'connected', stateSince: house.now })
    expect(blocked()).toMatch(/^esx-2 has only just connected: it is waited/)
    house.setHost('host-2', { state: 'connected', stateSince: house.now - minute })
    lose(house, 'host-3')
    expect(house.world.index.openIncidents.size).toBe(1)
    pass(house, wishes, 10 * minute)
    expect(moves(house)).toEqual([])
    expect(answered(askRecommendations(house.world, 'cluster-1', house.now)).blocked).toMatch(
      /incident is open/,
    )
    // Nobody comes to mend the host: its VMs run elsewhere, or never will.
    settleDead(house)
    pass(house, wishes, 6 * minute)
    expect(house.world.index.openIncidents.size).toBe(1)
    expect(moves(house).length).toBeGreaterThan(0)

    const other = uneven({})
    const cluster = other.house.world.tables.cluster.get('cluster-1')!
    setRow(other.house.world, 'cluster', cluster.id, { ...cluster, ha: { ...cluster.ha, mode: 'hold' } })
    pass(other.house, other.wishes, 10 * minute)
    expect(moves(other.house)).toEqual([])
  })

  it('moves nothing while it does not know what a host uses, nor for a load that passes', () => {
    const { house, wishes } = uneven({})
    say(house, wishes)
    house.world.live.get('host-2')!.usage = null
    lookAtLoad(house)
    expect(since(house)).toBeNull()

    const short = uneven({})
    pass(short.house, short.wishes, 40_000)
    pass(short.house, { web: 0.1, app: 0.1, db: 0.1, mail: 0.1 }, minute / 2)
    expect(since(short.house)).toBeNull()
    expect(moves(short.house)).toEqual([])
  })

  it('leaves a VM alone that it moved lately, and those that nobody looks after', () => {
    const { house, wishes } = uneven({ cooldownMs: 60 * minute })
    pass(house, wishes, 10 * minute)
    const first = moves(house)
    expect(first.length).toBeGreaterThan(0)
    // The load goes with them: now they are the ones in the way.
    const turned = { ...wishes }
    for (const { vmName } of first) turned[vmName] = 7
    pass(house, turned, 20 * minute)
    const again = moves(house)
      .slice(first.length)
      .map(({ vmName }) => vmName)
    for (const { vmName } of first) expect(again).not.toContain(vmName)

    const alone = uneven({})
    for (const name of ['web', 'app', 'db', 'mail'])
      alone.house.setVm(name, { ha: { ...alone.house.vm(name)!.ha, restart: 'none' } })
    pass(alone.house, alone.wishes, 10 * minute)
    expect(moves(alone.house)).toEqual([])
  })

  it('goes by what VMs were given, where it is to', () => {
    const { house } = uneven({ by: 'configured-size' })
    pass(house, { web: 0, app: 0, db: 0, mail: 0 }, 5 * minute)
    expect(moves(house).length).toBeGreaterThan(0)
  })

  it('keeps strict rules', () => {
    const { house, wishes } = uneven({})
    const vmIds = ['web', 'app', 'db', 'mail'].map((name) => house.vm(name)!.id)
    setRow(house.world, 'rule', 'rule-1', {
      id: 'rule-1',
      clusterId: 'cluster-1',
      name: 'licence',
      kind: 'vm-host',
      relation: 'on',
      strict: true,
      vmIds,
      hosts: [
        { hostId: 'host-1', priority: 0 },
        { hostId: 'host-2', priority: 0 },
      ],
      enabled: true,
      version: 1,
      createdAt: house.now,
    })
    pass(house, wishes, 30 * minute)
    expect(moves(house)).toHaveLength(2)
    for (const vm of house.world.tables.vm.values()) expect(vm.hostId).not.toBe('host-3')
  })
})

describe('recommendations', () => {
  it('say why, and why not elsewhere, and change nothing', () => {
    const { house } = uneven({ mode: 'manual' })
    const {
      blocked,
      score,
      scoreAfter,
      moves: found,
    } = answered(askRecommendations(house.world, 'cluster-1', house.now))
    expect(blocked).toBeNull()
    expect(scoreAfter.total).toBeLessThan(score.total)
    for (const { reason, whyNot, before, after } of found) {
      expect(reason).toMatch(/takes an overload off esx-1|evens out the load/)
      expect(whyNot).toHaveLength(1)
      expect(whyNot[0]!.reason).toMatch(/as much good|more uneven|as well/)
      expect(after.total).toBeLessThan(before.total)
    }
    expect(house.world.tables.task.size).toBe(0)
  })
})

describe('settings of the balance', () => {
  it('are changed one by one, refused with every reason, and never touch what Drover keeps there', () => {
    const { house } = uneven(null)
    const change = (changes: Parameters<typeof decideChangeBalance>[1]['changes']) =>
      house.decide((w, c) => decideChangeBalance(w, { clusterId: 'cluster-1', changes }, c))
    expect(change({ mode: 'full', weights: { cpu: 1 } })).toMatchObject({ ok: true })
    expect(house.world.tables.cluster.get('cluster-1')!.balance).toEqual({
      ...defaultBalanceSettings,
      version: 2,
      mode: 'full',
      weights: { cpu: 1, memory: 0.5 },
    })
    const wrong = change({ holdMs: 5, spread: 2, movesAtOnce: 0, weights: { cpu: 0, memory: 0 } })
    expect(wrong.ok ? [] : wrong.refusals.map((one) => 'field' in one && one.field)).toEqual([
      'spread',
      'holdMs',
      'movesAtOnce',
      'weights',
    ])
  })
})

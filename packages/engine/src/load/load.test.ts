import type { BalanceSettings, Initiator, LoadDecision, ThresholdInput } from '@drover/model'
import { beforeEach, describe, expect, it } from 'vitest'
import { decideChangeBalance } from '../balance/change'
import type { House } from '../testing/house'
import { answered, busyHosts, busyHouse, carryOut, lookAtLoad, reportLoad } from '../testing/load'
import { decideMigrate } from '../vm/migrate'
import { decidePower } from '../vm/power'
import { askRecommendations } from './advice'
import { decideApply, decideDismiss } from './answer'
import { decideChangeAutomation } from './automation'
import { decideCarryOn } from './carry'
import { askReplay } from './replay'
import { loadRules } from './rules'
import { decideThresholdChange, decideThresholdCreate } from './threshold'

const minute = 60_000
const drover: Initiator = { kind: 'drover' }

let house: House
let wishes: Record<string, number>

function begin(set: Partial<BalanceSettings> = {}): void {
  ;({ house, wishes } = busyHouse(set))
}

const say = () => reportLoad(house, wishes)

/** Looks and carries on for so long. */
function pass(ms: number, everyMs = 20_000): void {
  for (const until = house.now + ms; house.now < until; house.now += everyMs) {
    say()
    lookAtLoad(house)
    carryOut(house)
  }
}

const create = (set: Partial<ThresholdInput> = {}) =>
  house.accepted((w, c) => decideThresholdCreate(w, { ...busyHosts, ...set }, c))
const decisions = (): LoadDecision[] => [...house.world.tables.decision.values()]
const last = () => decisions().at(-1)!
const balance = (changes: Parameters<typeof decideChangeBalance>[1]['changes']) =>
  house.accepted((w, c) => decideChangeBalance(w, { clusterId: 'cluster-1', changes }, c))
const apply = (moves?: number[]) =>
  house.decide((w, c) => decideApply(w, { decisionId: last().id, moves: moves ?? null }, c))
const homes = () => [...house.world.tables.vm.values()].map(({ name, hostId }) => `${name} ${hostId}`)
/** A decision of several moves, one after the other, of which the first is begun. */
function decideStepwise(): void {
  create({ until: 0.4 })
  balance({ movesAtOnce: 1 })
  pass(40_000)
  house.now += minute
  say()
  lookAtLoad(house)
  expect(last().moves.length).toBeGreaterThan(1)
}
const words = () => JSON.stringify(decisions().map(({ inputs: _, ...row }) => ({ ...row, by: row.by.text })))

beforeEach(() => begin())

describe('a threshold at work', () => {
  it('moves VMs after its hold time, keeps the record, and comes to rest', () => {
    create()
    pass(40_000)
    expect(decisions()).toEqual([])
    pass(2 * minute)
    const decision = last()
    expect(decision).toMatchObject({ state: 'done', automatic: true, by: { name: 'Busy hosts', version: 1 } })
    expect(decision.text).toMatch(/CPU of esx-1 is 94 %, above 80 % for 1 min/)
    expect(decision.by.text).toMatch(/^When CPU of any host is above 80 % for 1 min, move VMs away until/)
    for (const { state, taskId, target, vm } of decision.moves) {
      expect(state).toBe('done')
      expect(house.world.tables.task.get(taskId!)).toMatchObject({ initiator: drover, state: 'succeeded' })
      expect(house.world.tables.vm.get(vm.id)!.hostId).toBe(target.id)
    }
    expect(decision.hosts.map(({ host }) => host.name)).toEqual(['esx-1', 'esx-2', 'esx-3'])
    const count = decisions().length
    pass(30 * minute)
    expect(decisions()).toHaveLength(count)
    expect(house.events.filter(({ kind }) => kind === 'decision.made')).toHaveLength(count)
  })

  it('says nothing in codes or ids', () => {
    create()
    pass(3 * minute)
    for (const { text, moves } of decisions())
      for (const sentence of [
        text,
        ...moves.flatMap((move) => [move.text, ...move.against.map((one) => one.text)]),
      ])
        expect(sentence).not.toMatch(/\b(host|vm|task|cluster|rule|threshold|decision)-\d/)
  })

  it('goes on counting from the row, as a new leader does', () => {
    const id = create()
    pass(20_000)
    const since = house.world.tables.threshold.get(id)!.aboveSince['host-1']!
    pass(20_000)
    expect(house.world.tables.threshold.get(id)!.aboveSince['host-1']).toBe(since)
    house.now = since + minute
    lookAtLoad(house)
    expect(last().state).toBe('running')
  })

  it('goes on from the rows wherever it was interrupted', () => {
    decideStepwise()
    // Every look is somebody else's: all there is, is the rows. A part that has ended is seen once, however often it is asked.
    for (let i = 0; i < 20 && last().state === 'running'; i += 1) {
      const begun = last().moves.filter(({ taskId }) => taskId).length
      house.decide(decideCarryOn, drover)
      house.decide(decideCarryOn, drover)
      expect(last().moves.filter(({ state }) => state === 'running').length).toBeLessThanOrEqual(1)
      expect(last().moves.filter(({ taskId }) => taskId).length).toBeLessThanOrEqual(begun + 1)
      house.run()
      say()
    }
    expect(last().state).toBe('done')
  })

  it('leaves what no longer fits, in words', () => {
    decideStepwise()
    const [, second] = last().moves
    house.run()
    // Before the second step begins, its target gets too much to do.
    wishes.other = 7.5
    house.addVm('other', second!.target.id, 'datastore-1', 'running')
    say()
    carryOut(house)
    expect(last()).toMatchObject({ state: 'superseded', moves: [{ state: 'done' }, { state: 'dropped' }] })
    expect(last().moves[1]!.why).toMatch(/would by now have too much CPU itself/)
  })

  it('lets what others do come first, and goes on then', () => {
    decideStepwise()
    house.run()
    say()
    house.addVm('other', 'host-3', 'datastore-1', 'off')
    wishes.other = 0.1
    house.accepted((w, c) => decidePower(w, 'vm.start', { vmId: house.vm('other')!.id }, c))
    house.decide(decideCarryOn, drover)
    expect(last()).toMatchObject({ state: 'running', moves: [{ state: 'done' }, { state: 'open' }] })
    house.run()
    say()
    carryOut(house)
    expect(last()).toMatchObject({ state: 'done', moves: [{ state: 'done' }, { state: 'done' }] })
  })

  it('ends when a part of it fails, and leaves that VM alone for a while', () => {
    create()
    house.fault = (_, body) => (body.kind === 'vm.migrate' ? 'failed' : null)
    pass(2 * minute)
    const [failed] = decisions()
    expect(failed).toMatchObject({ state: 'failed' })
    expect(failed!.moves[0]!.why).toMatch(/stayed on esx-1/)
    const { name } = failed!.moves[0]!.vm
    pass(5 * minute)
    const others = decisions()
      .slice(1)
      .flatMap(({ moves }) => moves.map(({ vm }) => vm.name))
    expect(others.length).toBeGreaterThan(0)
    expect(others).not.toContain(name)
  })

  it('ends with one click what has not begun', () => {
    decideStepwise()
    balance({ mode: 'off' })
    carryOut(house)
    expect(last()).toMatchObject({ state: 'superseded', moves: [{ state: 'done' }, { state: 'dropped' }] })
    expect(last().moves[1]!.why).toBe('Balancing of blue was switched off.')
    const there = homes()
    pass(10 * minute)
    expect(homes()).toEqual(there)
  })

  it('waits while something is wrong, and drops what is left when that comes up', () => {
    decideStepwise()
    house.run()
    const idle = ['host-2', 'host-3'].find((id) => last().moves[0]!.target.id !== id) as 'host-2'
    house.setHost(idle, { state: 'suspect', stateSince: house.now })
    carryOut(house)
    expect(last()).toMatchObject({ state: 'superseded' })
    const count = decisions().length
    pass(10 * minute)
    expect(decisions()).toHaveLength(count)
  })
})

describe('a recommendation', () => {
  beforeEach(() => begin({ mode: 'manual' }))

  it('is made once, stays as long as it fits, and is done when a person applies it', () => {
    create()
    pass(5 * minute)
    expect(decisions()).toHaveLength(1)
    expect(last()).toMatchObject({ state: 'open', automatic: false })
    const before = homes()
    house.accepted((w, c) => decideApply(w, { decisionId: last().id }, c))
    carryOut(house)
    expect(last()).toMatchObject({ state: 'done', person: 'ada' })
    expect(homes()).not.toEqual(before)
    expect(house.world.tables.task.get(last().moves[0]!.taskId!)!.reason).toMatch(/Applied by ada/)
  })

  it('is carried out in the name of who applied it, to its last step', () => {
    create({ until: 0.4 })
    balance({ movesAtOnce: 1 })
    pass(2 * minute)
    house.accepted((w, c) => decideApply(w, { decisionId: last().id }, c))
    carryOut(house)
    expect(last().moves.length).toBeGreaterThan(1)
    for (const { state, taskId } of last().moves) {
      expect(state).toBe('done')
      expect(house.world.tables.task.get(taskId!)!.initiator).toMatchObject({ kind: 'user', name: 'ada' })
    }
  })

  it('is applied in part, and the rest stays recommended', () => {
    create({ until: 0.4 })
    pass(2 * minute)
    expect(last().moves.length).toBeGreaterThan(1)
    expect(apply([99])).toMatchObject({ ok: false, refusals: [{ field: 'moves' }] })
    expect(apply([1])).toMatchObject({ ok: true })
    carryOut(house)
    expect(last()).toMatchObject({ state: 'open', moves: [{ state: 'open' }, { state: 'done' }] })
    expect(apply([0])).toMatchObject({ ok: true })
    carryOut(house)
    expect(last().moves.slice(0, 2)).toMatchObject([{ state: 'done' }, { state: 'done' }])
  })

  it('is withdrawn when it is no longer needed, and when the VM is gone from there', () => {
    create()
    pass(2 * minute)
    wishes = { web: 1, app: 1, db: 1, mail: 1 }
    pass(minute)
    expect(last()).toMatchObject({ state: 'superseded' })
    wishes = { web: 2, app: 2, db: 2, mail: 1.5 }
    pass(2 * minute)
    const old = last()
    const { vm } = old.moves[0]!
    expect(old.state).toBe('open')
    house.accepted((w, c) => decideMigrate(w, { vmId: vm.id, targetId: 'host-3' }, c))
    house.run()
    wishes = { web: 2.6, app: 2.6, db: 2.6, mail: 2.6 }
    pass(20_000)
    expect(house.world.tables.decision.get(old.id)!.state).toBe('superseded')
    expect(last().moves.map((move) => move.vm.name)).not.toContain(vm.name)
  })

  it('is not made again after somebody said no, until its rule is another', () => {
    const id = create()
    pass(2 * minute)
    house.accepted((w, c) => decideDismiss(w, { decisionId: last().id }, c))
    expect(last()).toMatchObject({ state: 'dismissed', person: 'ada' })
    pass(10 * minute)
    expect(decisions()).toHaveLength(1)
    house.accepted((w, c) => decideThresholdChange(w, { thresholdId: id, changes: { above: 0.79 } }, c))
    pass(2 * minute)
    // What was looked at and not written down, time and again, took no numbers.
    expect(decisions().map((row) => row.id)).toEqual(['decision-1', 'decision-2'])
    expect(house.decide((w, c) => decideDismiss(w, { decisionId: decisions()[0]!.id }, c))).toMatchObject({
      ok: false,
      refusals: [{ code: 'not_now', problem: expect.stringContaining('it was dismissed') }],
    })
  })

  it('is refused when its first step is no longer possible', () => {
    create()
    pass(2 * minute)
    for (const id of ['host-2', 'host-3'] as const) house.setHost(id, { mode: 'maintenance' })
    const refused = apply()
    expect(refused).toMatchObject({ ok: false, refusals: [{ code: 'not_now' }] })
    expect(last().state).toBe('open')
  })

  it('is all there is for a VM that wants to be asked about', () => {
    balance({ mode: 'full' })
    create()
    for (const vm of house.world.tables.vm.values())
      house.accepted((w, c) => decideChangeAutomation(w, { vmId: vm.id, automation: 'manual' }, c))
    pass(3 * minute)
    expect(last()).toMatchObject({ state: 'open', automatic: false })
    const [vm] = house.world.tables.vm.values()
    house.accepted((w, c) => decideChangeAutomation(w, { vmId: vm!.id, automation: null }, c))
    expect(house.world.tables.vm.get(vm!.id)!.automation).toBeUndefined()
    pass(3 * minute)
    expect(decisions().some(({ automatic, moves }) => automatic && moves[0]!.vm.id === vm!.id)).toBe(true)
  })

  it('says what it would do at any time, also of a cluster that is off', () => {
    balance({ mode: 'off' })
    create()
    const { proposals, blocked } = answered(askRecommendations(house.world, 'cluster-1', house.now))
    expect(blocked).toBeNull()
    expect(proposals[0]).toMatchObject({ name: 'Busy hosts', automatic: false })
    expect(house.world.tables.decision.size).toBe(0)
  })
})

describe('a replay', () => {
  it('comes to the same, and to something else under other rules, in words', () => {
    create()
    pass(3 * minute)
    const [decision] = decisions()
    expect(answered(askReplay(decision!))!.differences).toEqual([])
    const rules = loadRules(house.world, house.world.tables.cluster.get('cluster-1')!)
    const [threshold] = rules.thresholds
    const higher = { ...rules, thresholds: [{ ...threshold!, above: 0.97, until: 0.9 }] }
    const { name } = decision!.moves[0]!.vm
    const { differences, now } = answered(askReplay(decision!, higher))!
    expect(differences.join(' ')).toContain(`${name} would stay on esx-1`)
    expect(now.moves).toEqual([])
    const asked = { ...rules, thresholds: [{ ...threshold!, automation: 'manual' as const }] }
    expect(answered(askReplay(decision!, asked))!.differences).toEqual(['It would only be recommended.'])
    const more = { ...rules, thresholds: [{ ...threshold!, until: 0.3 }] }
    expect(answered(askReplay(decision!, more))!.differences.join(' ')).toMatch(
      /would go from esx-1 to esx-\d; it stayed/,
    )
    expect(answered(askReplay({ ...decision!, inputs: '' }))).toBeNull()
    expect(words()).not.toMatch(/"text":"[^"]*\bhost-\d/)
  })
})

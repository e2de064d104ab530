import {
  type BalanceSettings,
  type HostId,
  type Initiator,
  type LoadDecision,
  sayEvent,
  setRow,
} from '@drover/model'
import { describe, expect, it } from 'vitest'
import { decideRemove } from '../host/remove'
import { decideChangePower } from '../power/change'
import type { House } from '../testing/house'
import { busyHosts, busyHouse, carryOut, idleHouse, lookAtLoad, reportLoad } from '../testing/load'
import { decidePower } from '../vm/power'
import { decideApply } from './answer'
import { decideChangeAutomation } from './automation'
import { decideCarryOn } from './carry'
import { loadQuestion } from './decide'
import { loadMemory } from './memory'
import { decideThresholdCreate } from './threshold'

const minute = 60_000
const drover: Initiator = { kind: 'drover' }

const last = (house: House): LoadDecision => [...house.world.tables.decision.values()].at(-1)!

/** A decision of several moves, the first of which has been made. */
function halfway(set: Partial<BalanceSettings> = {}, windows: BalanceSettings['windows'] = []) {
  const { house, wishes } = busyHouse({ movesAtOnce: 1, ...set })
  house.accepted((w, c) => decideThresholdCreate(w, { ...busyHosts, until: 0.4, windows }, c))
  for (let i = 0; i < 5; i += 1) {
    reportLoad(house, wishes)
    lookAtLoad(house)
    house.now += 20_000
  }
  house.run()
  reportLoad(house, wishes)
  expect(last(house).moves.length).toBeGreaterThan(1)
  return { house, wishes, second: last(house).moves[1]!.vm.id }
}

/** Three hosts with little to do, two of which could be spared. */
function idle(mode: 'manual' | 'full' = 'full') {
  const { house, wishes, boards } = idleHouse({ mode })
  for (const id of ['host-2', 'host-3'] as const) {
    house.addVm(`small-${id}`, id, 'datastore-1', 'running')
    wishes[`small-${id}`] = 0.2
  }
  for (let i = 0; i < 12 && !last(house)?.power.length; i += 1) {
    for (const live of house.world.live.values()) live.heardAt = house.now
    reportLoad(house, wishes)
    lookAtLoad(house)
    house.now += 20_000
  }
  const [sleep] = last(house).power
  expect(sleep!.act).toBe('sleep')
  return { house, wishes, boards, hostId: sleep!.host.id as `host-${number}` }
}

describe('what is being carried out without asking', () => {
  it('leaves a VM alone whose automation was changed meanwhile', () => {
    const { house, second } = halfway()
    house.accepted((w, c) => decideChangeAutomation(w, { vmId: second, automation: 'manual' }, c))
    carryOut(house)
    expect(last(house)).toMatchObject({
      state: 'superseded',
      moves: [{ state: 'done' }, { state: 'dropped' }],
    })
    expect(last(house).moves[1]!.why).toMatch(/is not moved by itself: its automation is manual/)
  })

  it('leaves a VM alone that is to stay where it is by now', () => {
    const { house, second } = halfway()
    const vm = house.world.tables.vm.get(second)!
    setRow(house.world, 'vm', second, { ...vm, ha: { ...vm.ha, restart: 'none' } })
    carryOut(house)
    expect(last(house).moves[1]).toMatchObject({ state: 'dropped' })
    expect(last(house).moves[1]!.why).toMatch(/nobody looks after it/)
  })

  it('begins nothing more once its time of day is over', () => {
    const { house } = halfway({}, [
      { days: [0, 1, 2, 3, 4, 5, 6], from: '00:00', to: '00:00', timeZone: 'UTC' },
    ])
    const [rule] = house.world.tables.threshold.values()
    const at = new Date(house.now)
    const hour = (n: number) => `${String((at.getUTCHours() + n) % 24).padStart(2, '0')}:00`
    const windows = [{ days: [0, 1, 2, 3, 4, 5, 6], from: hour(2), to: hour(3), timeZone: 'UTC' }]
    setRow(house.world, 'threshold', rule!.id, { ...rule!, windows })
    carryOut(house)
    expect(last(house).moves[1]).toMatchObject({ state: 'dropped' })
    expect(last(house).moves[1]!.why).toMatch(/only at the times that were set/)
  })
})

describe('a host that is to sleep', () => {
  it('stays awake when its VMs are not to be moved without asking by now', () => {
    const { house, boards, hostId } = idle()
    const [vm] = [...house.world.tables.vm.values()].filter((one) => one.hostId === hostId)
    house.accepted((w, c) => decideChangeAutomation(w, { vmId: vm!.id, automation: 'manual' }, c))
    boards.run(last(house).power[0]!.taskId!)
    house.decide(decideCarryOn, drover)
    expect(house.world.tables.vm.get(vm!.id)!.hostId).toBe(hostId)
    expect(house.host(hostId).mode).toBe('normal')
    expect(last(house)).toMatchObject({ state: 'failed' })
    expect(last(house).power[0]!.why).toMatch(/is not moved by itself: its automation is manual/)
  })

  it('is not put to sleep by a recommendation of another hour, when loads are others', () => {
    const { house, wishes } = idle('manual')
    for (const name of Object.keys(wishes)) wishes[name] = 3.9
    reportLoad(house, wishes)
    const refused = house.decide((w, c) => decideApply(w, { decisionId: last(house).id }, c))
    expect(refused).toMatchObject({ ok: false, refusals: [{ code: 'not_now' }] })
    expect(JSON.stringify(refused)).toMatch(/needed|more to do/)
  })

  it('stays awake when the settings that wanted it are others by now', () => {
    const { house, boards } = idle()
    const row = last(house)
    const other = [...house.guests.keys()].find((id) => id !== row.power[0]!.host.id)!
    const second = {
      ...row.power[0]!,
      host: { id: other, name: house.host(other).name },
      state: 'open' as const,
      taskId: null,
    }
    setRow(house.world, 'decision', row.id, { ...row, power: [...row.power, second] })
    house.accepted((w, c) => decideChangePower(w, { clusterId: 'cluster-1', changes: { hostIds: [] } }, c))
    boards.run(row.power[0]!.taskId!)
    house.decide(decideCarryOn, drover)
    expect(last(house).power[1]).toMatchObject({ state: 'dropped', why: 'The rule was changed meanwhile.' })
  })
})

describe('a wake that only has to call off a sleep', () => {
  it('is told as done', () => {
    const { house, wishes, boards, hostId } = idle()
    house.accepted((w, c) => decideChangePower(w, { clusterId: 'cluster-1', changes: { mode: 'off' } }, c))
    reportLoad(house, wishes)
    lookAtLoad(house)
    const woken = last(house)
    expect(woken.power).toMatchObject([{ act: 'wake', host: { id: hostId }, state: 'running' }])
    boards.run(woken.power[0]!.taskId!)
    house.decide(decideCarryOn, drover)
    expect(house.host(hostId).mode).toBe('normal')
    expect(house.world.tables.decision.get(woken.id)).toMatchObject({
      state: 'done',
      power: [{ state: 'done' }],
    })
  })
})

describe('what is not known', () => {
  const bySize = (house: House) => {
    const cluster = house.world.tables.cluster.get('cluster-1')!
    const balance = { ...cluster.balance!, by: 'configured-size' as const }
    setRow(house.world, 'cluster', 'cluster-1', { ...cluster, balance })
  }

  it('is not taken for idle where power is saved, also when sizes are balanced', () => {
    const { house } = idle('manual')
    bySize(house)
    Object.assign(house.world.live.get('host-2')!, { usage: null, reportedAt: null })
    const ask = () => loadQuestion(house.world, house.world.tables.cluster.get('cluster-1')!, house.now)
    expect(ask()).toBeNull()
    house.accepted((w, c) => decideChangePower(w, { clusterId: 'cluster-1', changes: { mode: 'off' } }, c))
    expect(ask()).not.toBeNull()
  })

  it('begins nothing more and puts nobody to sleep, also when sizes are balanced', () => {
    const { house } = halfway({ by: 'configured-size' })
    Object.assign(house.world.live.get('host-2')!, { usage: null })
    carryOut(house)
    expect(last(house).moves[1]!.why).toBe('It is not known any more what every host uses.')
    const quiet = idle('manual').house
    bySize(quiet)
    Object.assign(quiet.world.live.get('host-2')!, { usage: null })
    const refused = quiet.decide((w, c) => decideApply(w, { decisionId: last(quiet).id }, c))
    expect(JSON.stringify(refused)).toMatch(/not known any more what every host uses/)
  })

  it('of one host for long keeps all where they are, but nobody asleep who is needed', () => {
    const { house } = idle('manual')
    const ask = () => loadQuestion(house.world, house.world.tables.cluster.get('cluster-1')!, house.now)
    Object.assign(house.world.live.get('host-2')!, { usage: null, vms: new Map() })
    expect(ask()!.watchOnly).toBe(true)
    const { hosts, vms } = ask()!.picture
    expect(hosts[1]).toMatchObject({ accepts: false, closed: 'does not say what it uses' })
    expect(vms.find(({ at }) => at === 1)!.fixed).toBe('it is not known what it uses')
    house.setHost('host-2', { stateSince: house.now - 10_000 })
    expect(ask()).toBeNull()
  })

  it('of a task that is long over is when its move began: it counts as begun when its decision ended', () => {
    const { house } = halfway()
    carryOut(house)
    const row = last(house)
    const hour = 60 * minute
    setRow(house.world, 'decision', row.id, { ...row, at: house.now - 1.5 * hour, endedAt: house.now })
    for (const id of [...house.world.tables.task.keys()]) setRow(house.world, 'task', id, null)
    const memory = loadMemory(house.world, house.world.tables.cluster.get('cluster-1')!, house.now)
    expect(memory.moves).toHaveLength(row.moves.length)
  })
})

describe('what lasts', () => {
  const uneven = (house: House) => house.world.tables.cluster.get('cluster-1')!.balance!.unevenSince

  it('is counted on while somebody works in the cluster, and anew when a host fails', () => {
    const { house, wishes } = busyHouse({ aim: 'spread', limit: 0.9, holdMs: 5 * minute })
    lookAtLoad(house)
    const since = uneven(house)
    expect(since).not.toBeNull()
    house.now += minute
    house.addVm('other', 'host-3', 'datastore-1', 'off')
    house.accepted((w, c) => decidePower(w, 'vm.start', { vmId: house.vm('other')!.id }, c))
    reportLoad(house, wishes)
    lookAtLoad(house)
    expect(uneven(house)).toBe(since)
    house.run()
    house.setHost('host-3', { state: 'suspect', stateSince: house.now })
    lookAtLoad(house)
    expect(uneven(house)).toBeNull()
  })

  it('says of a host that is about to sleep that it is', () => {
    const { house, hostId } = idle()
    const { picture } = loadQuestion(house.world, house.world.tables.cluster.get('cluster-1')!, house.now)!
    expect(picture.hosts.find(({ id }) => id === hostId)!.closed).toBe('is about to sleep')
  })
})

describe('a host that leaves the inventory', () => {
  it('leaves the rules that name it, which say so; one that watched it alone ends, and one that names none stays as it is', () => {
    const { house } = idle('manual')
    const create = (name: string, hostIds: HostId[]) =>
      house.accepted((w, c) => decideThresholdCreate(w, { ...busyHosts, name, hostIds }, c))
    create('Both', ['host-2', 'host-3'])
    create('Alone', ['host-3'])
    const any = create('Any', [])
    const above = { 'host-1': 1, 'host-3': 2 }
    const rule = house.world.tables.threshold.get(any)!
    setRow(house.world, 'threshold', any, { ...rule, aboveSince: above })
    house.setHost('host-3', { mode: 'maintenance' })
    const before = house.events.length
    house.accepted((w, c) => decideRemove(w, { hostId: 'host-3', confirmName: house.host('host-3').name }, c))
    const said = house.events.slice(before).map((event) => sayEvent(event))
    expect(said).toContainEqual(
      expect.stringMatching(
        /"Both" was changed \(the hosts from esx-2 and esx-3 to esx-2\): When CPU of esx-2/,
      ),
    )
    expect(said).toContainEqual(
      expect.stringMatching(/"Alone" was removed. It said: When CPU of esx-3 is above 80 %/),
    )
    expect(house.world.tables.threshold.get(any)).toEqual({ ...rule, aboveSince: { 'host-1': 1 } })
  })

  it('leaves what may sleep as well, so that the settings can still be changed', () => {
    const { house } = idle('manual')
    const change = (changes: Parameters<typeof decideChangePower>[1]['changes']) =>
      house.decide((w, c) => decideChangePower(w, { clusterId: 'cluster-1', changes }, c))
    expect(change({ hostIds: ['host-2', 'host-3'] }).ok).toBe(true)
    house.setHost('host-3', { mode: 'maintenance' })
    house.accepted((w, c) => decideRemove(w, { hostId: 'host-3', confirmName: house.host('host-3').name }, c))
    expect(house.world.tables.cluster.get('cluster-1')!.power!.hostIds).toEqual(['host-2'])
    expect(change({ mode: 'off' }).ok).toBe(true)
  })
})

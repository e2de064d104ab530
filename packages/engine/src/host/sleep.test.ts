import { type HostId, isOpen, setRow, type TaskId } from '@drover/model'
import { describe, expect, it } from 'vitest'
import { decideHa } from '../ha/decide'
import { failoverCapacity } from '../plan/admission'
import { decideCancel } from '../task/cancel'
import { Boards } from '../testing/bmc'
import { House } from '../testing/house'
import { lose } from '../testing/loss'
import { decideEnterMaintenance } from './maintenance'
import { decidePowerOn } from './powerOn'
import { decideSleep, type SleepInput } from './sleep'
import { decideWake } from './wake'

const why = 'nobody needs it'
const proven = { at: 1, ms: 40_000 }

function site(): { house: House; boards: Boards } {
  const house = new House()
  house.addVm('db', 'host-1', 'datastore-1', 'running')
  for (const id of house.guests.keys()) house.setHost(id, { wake: proven })
  return { house, boards: new Boards(house) }
}

function sleep(house: House, set: Partial<SleepInput> = {}): TaskId {
  const input = { hostId: 'host-1', why, decisionId: null, until: null, byHand: false, ...set }
  return house.accepted((w, c) => decideSleep(w, input, c)).taskId!
}

const wake = (house: House, hostId: HostId = 'host-1') =>
  house.accepted((w, c) => decideWake(w, { hostId, why: 'it is needed', decisionId: null }, c)).taskId!

const powers = (house: House) => ['web', 'db'].map((name) => house.vm(name)!.power)

describe('a host that is put to sleep', () => {
  it('is emptied live, shut down, proven off by its device, and missed by nobody', () => {
    const { house, boards } = site()
    const id = sleep(house)
    expect(house.host('host-1')).toMatchObject({ mode: 'entering', standby: { why, byHand: false } })
    const task = boards.run(id)
    expect(task).toMatchObject({ state: 'succeeded', outcome: { mode: 'asleep', moved: 2 } })
    expect(powers(house)).toEqual(['running', 'running'])
    expect(house.killed).toEqual([])
    expect(boards.orders).toContain('fence.status host-1')
    expect(boards.orders).not.toContain('fence.off host-1')
    expect(house.host('host-1')).toMatchObject({
      state: 'fenced',
      mode: 'standby',
      proof: { by: 'shutdown' },
      standby: { why },
      incidentId: null,
    })
    const before = house.events.length
    house.now += 3_600_000
    for (const other of ['host-2', 'host-3'] as const) house.world.live.get(other)!.heardAt = house.now
    house.accepted(decideHa)
    expect(house.events.slice(before)).toEqual([])
    expect(house.world.tables.incident.size).toBe(0)
    expect(house.vm('web')!.homeId).toBeNull()
  })

  it('does not count for what a failure needs, and gets no VMs', () => {
    const { house, boards } = site()
    boards.run(sleep(house))
    expect(failoverCapacity(house.world, 'cluster-1').tolerates).toBe(1)
    const refused = house.decide((w, c) =>
      decideSleep(w, { hostId: 'host-2', why, decisionId: null, until: null, byHand: true }, c),
    )
    expect(refused).toMatchObject({ refusals: [{ code: 'failover_short' }] })
    const forced = house.decide((w, c) =>
      decideSleep(
        w,
        { hostId: 'host-2', why, decisionId: null, until: null, byHand: true, evenIfNeeded: true },
        c,
      ),
    )
    expect(forced.ok).toBe(true)
  })

  it('never sleeps unless it was shown that it can be woken, and not without a device', () => {
    const { house } = site()
    const input = { hostId: 'host-1', why, decisionId: null, until: null, byHand: true }
    house.setHost('host-1', { wake: undefined as never })
    expect(house.decide((w, c) => decideSleep(w, input, c))).toMatchObject({
      refusals: [{ code: 'not_now', problem: expect.stringContaining('never shown') }],
    })
    house.setHost('host-1', { wake: proven })
    setRow(house.world, 'fence', 'fence-1', { ...house.world.tables.fence.get('fence-1')!, enabled: false })
    expect(house.decide((w, c) => decideSleep(w, input, c))).toMatchObject({
      refusals: [{ code: 'no_fence_device' }],
    })
  })

  it('is refused while a VM of it cannot go live', () => {
    const { house } = site()
    house.addVm('cellar', 'host-1', 'datastore-2', 'running')
    const input = { hostId: 'host-1', why, decisionId: null, until: null, byHand: false }
    expect(house.decide((w, c) => decideSleep(w, input, c))).toMatchObject({
      refusals: [{ code: 'blockers' }],
    })
  })

  it('returns to service when a VM will not move; what was moved stays', () => {
    const { house, boards } = site()
    house.fault = (_, body) =>
      body.kind === 'vm.migrate' && 'uuid' in body && body.uuid === house.vm('db')!.uuid ? 'failed' : null
    const task = boards.run(sleep(house))
    expect(task).toMatchObject({ state: 'failed', outcome: { code: 'host_stopped_short' } })
    expect(house.host('host-1')).toMatchObject({ state: 'connected', mode: 'normal' })
    expect(house.host('host-1').standby).toBeUndefined()
    expect(house.vm('db')!.hostId).toBe('host-1')
    expect(house.vm('web')!.hostId).not.toBe('host-1')
    expect(boards.power.get('host-1')).toBe('on')
  })

  it('stays up when a VM comes to run there while it is emptied', () => {
    const { house, boards } = site()
    const id = sleep(house)
    while (!house.commands.some(({ body }) => body.kind === 'vm.migrate')) house.step()
    const late = house.addVm('late', 'host-1', 'datastore-2', 'running')
    const task = boards.run(id)
    expect(task.state).toBe('failed')
    expect(house.runsOn(late.uuid)).toEqual(['host-1'])
    expect(house.host('host-1')).toMatchObject({ state: 'connected', mode: 'normal' })
  })

  it('stays up when another host fails meanwhile', () => {
    const { house, boards } = site()
    const id = sleep(house)
    house.step()
    house.addVm('other', 'host-3', 'datastore-1', 'running')
    lose(house, 'host-3')
    const task = boards.run(id)
    expect(task).toMatchObject({
      state: 'failed',
      outcome: { cause: expect.stringContaining('may be needed') },
    })
    expect(house.host('host-1')).toMatchObject({ state: 'connected', mode: 'normal' })
    expect(house.commands.some(({ body }) => body.kind === 'host.shutdown')).toBe(false)
  })

  it('can be cancelled until it is told to go, and is in service then', () => {
    const whole = site()
    whole.boards.run(sleep(whole.house))
    const last = whole.house.commands.findIndex(({ body }) => body.kind === 'host.shutdown')
    for (let at = 0; at <= last; at += 1) {
      const { house, boards } = site()
      const id = sleep(house)
      house.fault = (n) => {
        if (n === at) {
          const answer = house.decide((w, c) => decideCancel(w, { taskId: id }, c))
          expect(answer.ok, `at ${at}`).toBe(at < last)
        }
        return null
      }
      const task = boards.run(id)
      expect(task.state, `at ${at}`).toBe(at < last ? 'cancelled' : 'succeeded')
      expect(house.host('host-1').mode, `at ${at}`).toBe(at < last ? 'normal' : 'standby')
      expect(powers(house)).toEqual(['running', 'running'])
    }
  })

  it.each(['lost', 'unknown', 'twice', 'failed'] as const)(
    'ends with the truth when any one order is %s, and never with a running VM off',
    (fault) => {
      const whole = site()
      whole.boards.run(sleep(whole.house))
      for (let at = 0; at < whole.house.commands.length; at += 1) {
        const { house, boards } = site()
        house.fault = (n) => (n === at ? fault : null)
        const task = boards.run(sleep(house))
        expect(isOpen(task), `${fault} at ${at}`).toBe(false)
        const { state, mode } = house.host('host-1')
        if (mode === 'standby') expect([state, boards.power.get('host-1')]).toEqual(['fenced', 'off'])
        else expect([state, mode], `${fault} at ${at}`).toEqual(['connected', 'normal'])
        expect(powers(house)).toEqual(['running', 'running'])
        expect(house.killed).toEqual([])
      }
    },
  )

  it('is switched off by its device when its agent cannot', () => {
    const { house, boards } = site()
    house.fault = (_, body) => (body.kind === 'host.shutdown' ? 'failed' : null)
    const task = boards.run(sleep(house))
    expect(task.state).toBe('succeeded')
    expect(boards.orders).toContain('fence.off host-1')
    expect(house.host('host-1')).toMatchObject({ mode: 'standby', proof: { by: 'device' } })
  })

  it('does not count as asleep when its device never says off', () => {
    const { house, boards } = site()
    boards.trouble.set('host-1', 'deaf')
    house.fault = (_, body) => (body.kind === 'host.shutdown' ? 'failed' : null)
    const task = boards.run(sleep(house))
    expect(task.state).toBe('failed')
    expect(house.host('host-1')).toMatchObject({ state: 'connected', mode: 'normal' })
  })

  it('is not believed to be off while its agent is heard, whatever its device says', () => {
    const { house, boards } = site()
    boards.trouble.set('host-1', 'lying')
    house.fault = (_, body) => (body.kind === 'host.shutdown' ? 'failed' : null)
    const id = sleep(house)
    const answer = house.fence
    house.fence = (order) => {
      const said = answer(order)
      house.setHost('host-1', { state: 'connected' })
      house.world.live.get('host-1')!.heardAt = house.now
      return said
    }
    const task = boards.run(id)
    expect(task).toMatchObject({ state: 'failed', outcome: { cause: expect.stringContaining('is heard') } })
    expect(house.host('host-1').mode).toBe('normal')
  })

  it('can be put into maintenance without being woken', () => {
    const { house, boards } = site()
    boards.run(sleep(house))
    house.accepted((w, c) => decideEnterMaintenance(w, { hostId: 'host-1', reason: 'new fan' }, c))
    expect(house.host('host-1')).toMatchObject({
      state: 'fenced',
      mode: 'maintenance',
      modeReason: 'new fan',
    })
    expect(house.host('host-1').standby).toBeUndefined()
    expect(boards.power.get('host-1')).toBe('off')
  })
})

describe('a host that is woken', () => {
  function asleep() {
    const all = site()
    all.boards.run(sleep(all.house))
    return all
  }

  it('is switched on, waited for, in service, and proven again', () => {
    const { house, boards } = asleep()
    const task = boards.run(wake(house))
    expect(task).toMatchObject({ state: 'succeeded', outcome: { code: 'powered_on' } })
    const host = house.host('host-1')
    expect(host).toMatchObject({ state: 'connected', mode: 'normal', modeReason: null })
    expect(host.standby).toBeUndefined()
    expect(host.wake!.at).toBe(house.now)
    expect(host.wake!.ms).toBeGreaterThanOrEqual(30_000)
    expect(host.lostAt).toEqual([])
  })

  it('is one task, however often it is asked for', () => {
    const { house } = asleep()
    expect(wake(house)).toBe(wake(house))
  })

  it('stays awake when it is asked for while it is only being emptied', () => {
    const { house, boards } = site()
    const id = sleep(house)
    house.step()
    wake(house)
    expect(boards.run(id).state).toBe('cancelled')
    expect(house.host('host-1')).toMatchObject({ state: 'connected', mode: 'normal' })
  })

  it('that does not come up is tried once more from the beginning, then listed with why, and not proven any more', () => {
    const { house, boards } = asleep()
    boards.trouble.set('host-1', 'cold')
    const task = boards.run(wake(house))
    expect(task).toMatchObject({ state: 'failed', outcome: { code: 'not_woken' } })
    expect(boards.orders.slice(-2)).toEqual(['fence.off host-1', 'fence.on host-1'])
    const host = house.host('host-1')
    expect(host).toMatchObject({ state: 'fenced', mode: 'standby', standby: { failed: { times: 1 } } })
    expect(host.wake).toBeUndefined()
    boards.run(wake(house))
    expect(house.host('host-1').standby!.failed!.times).toBe(2)
    boards.trouble.clear()
    boards.power.set('host-1', 'off')
    boards.run(wake(house))
    expect(house.host('host-1')).toMatchObject({ mode: 'normal', wake: { at: house.now } })
  })

  it('that fails because its board does not answer says so', () => {
    const { house, boards } = asleep()
    boards.trouble.set('host-1', 'dead')
    expect(boards.run(wake(house))).toMatchObject({
      state: 'failed',
      outcome: { cause: expect.stringContaining('no route') },
    })
  })

  it('by somebody at its button is awake and in service', () => {
    const { house, boards } = asleep()
    boards.comeUp('host-1')
    expect(house.host('host-1')).toMatchObject({ state: 'connected', mode: 'normal', lostAt: [] })
    expect(house.host('host-1').standby).toBeUndefined()
    expect(house.events.at(-2)).toMatchObject({
      kind: 'host.standby',
      asleep: false,
      text: expect.stringContaining('somebody'),
    })
  })

  it('proves that it can be also when it is only powered on', () => {
    const { house, boards } = asleep()
    house.setHost('host-1', { mode: 'maintenance', wake: undefined as never })
    const { taskId } = house.accepted((w, c) => decidePowerOn(w, { hostId: 'host-1' }, c))
    boards.run(taskId)
    expect(house.host('host-1')).toMatchObject({ mode: 'maintenance', wake: { at: house.now } })
  })
})

describe('proving that a host can be woken', () => {
  it('takes an empty host down and up again, and leaves it as it was', () => {
    const { house, boards } = site()
    house.setHost('host-3', { mode: 'maintenance', modeReason: 'new fan', wake: undefined as never })
    const task = boards.run(sleep(house, { hostId: 'host-3', test: true, byHand: true }))
    expect(task).toMatchObject({ state: 'succeeded', outcome: { mode: 'proven' } })
    expect(house.host('host-3')).toMatchObject({
      state: 'connected',
      mode: 'maintenance',
      modeReason: 'new fan',
      wake: { at: house.now },
    })
  })

  it('moves what runs there away first, live', () => {
    const { house, boards } = site()
    house.setHost('host-1', { wake: undefined as never })
    expect(boards.run(sleep(house, { test: true, byHand: true })).state).toBe('succeeded')
    expect(house.host('host-1')).toMatchObject({ mode: 'normal', wake: { at: house.now } })
    expect(powers(house)).toEqual(['running', 'running'])
  })

  it('wakes also a host that was off before anybody missed it', () => {
    const { house, boards } = site()
    house.setHost('host-3', { wake: undefined as never })
    const answer = house.fence
    house.fence = (order) => {
      if (order.kind === 'fence.status' && house.commands.at(-1)?.body.kind === 'host.shutdown') {
        boards.power.set('host-3', 'off')
        house.setHost('host-3', { state: 'connected' })
        Object.assign(house.world.live.get('host-3')!, { heardAt: house.now - 2_500, reportedAt: house.now })
      }
      return answer(order)
    }
    const task = boards.run(sleep(house, { hostId: 'host-3', test: true, byHand: true }))
    expect(task).toMatchObject({ state: 'succeeded', outcome: { mode: 'proven' } })
    expect(boards.orders).toContain('fence.on host-3')
    expect(house.host('host-3')).toMatchObject({ state: 'connected', wake: { at: house.now } })
  })

  it('that fails leaves the host asleep, unproven, and says why', () => {
    const { house, boards } = site()
    boards.trouble.set('host-3', 'cold')
    const task = boards.run(sleep(house, { hostId: 'host-3', test: true, byHand: true }))
    expect(task).toMatchObject({ state: 'failed', outcome: { code: 'not_woken' } })
    expect(house.host('host-3')).toMatchObject({ mode: 'standby', standby: { failed: { times: 1 } } })
  })
})

import { isOpen, type RollingPlan, sayEvent, type TaskId } from '@drover/model'
import { describe, expect, it } from 'vitest'
import { decideCancel } from '../task/cancel'
import { type Fault, House } from '../testing/house'
import { decideRoll, decideRollContinue, planRoll } from './roll'

function cluster(): House {
  const house = new House()
  house.addVm('db', 'host-2', 'datastore-1', 'running')
  house.addVm('mail', 'host-3', 'datastore-1', 'running')
  return house
}

function roll(house: House, action: RollingPlan['action'], width = 1): TaskId {
  const input = { clusterId: 'cluster-1', action, width }
  return house.accepted((w, c) => decideRoll(w, input, c)).taskId!
}

const running = (house: House) =>
  ['web', 'db', 'mail'].every((name) => house.runsOn(house.vm(name)!.uuid).length === 1)
const modes = (house: House) => [...house.world.tables.host.values()].map(({ mode }) => mode)

describe('rolling maintenance', () => {
  it('plans all hosts in service, and refuses when one of them cannot be emptied', () => {
    const house = cluster()
    const plan = planRoll(house.world, { clusterId: 'cluster-1', action: 'reboot' }, house.now)
    expect(plan).toMatchObject({ width: 1, refusals: [], action: 'reboot' })
    expect(plan.hosts.map(({ name }) => name)).toEqual(['esx-1', 'esx-2', 'esx-3'])
    house.setVm('web', { memoryBytes: 14 * 1024 ** 3 })
    house.setVm('db', { memoryBytes: 14 * 1024 ** 3 })
    house.setVm('mail', { memoryBytes: 14 * 1024 ** 3 })
    const refused = planRoll(house.world, { clusterId: 'cluster-1', action: 'reboot' }, house.now)
    expect(refused.refusals.map(({ code }) => code)).toEqual(['blockers', 'blockers', 'blockers'])
  })

  it.each(['reboot', 'nothing'] as const)(
    '%s: one host after the other, nothing stops, all come home',
    (action) => {
      const house = cluster()
      const id = roll(house, action)
      house.check = () => {
        expect(running(house)).toBe(true)
        expect(modes(house).filter((mode) => mode !== 'normal').length).toBeLessThanOrEqual(1)
      }
      house.run()
      expect(house.task(id)).toMatchObject({ state: 'succeeded', outcome: { code: 'rolled', hosts: 3 } })
      expect(house.task(id).steps.every(({ state }) => state === 'done')).toBe(true)
      expect(house.commands.filter(({ body }) => body.kind === 'host.shutdown')).toHaveLength(
        action === 'reboot' ? 3 : 0,
      )
      expect(house.killed).toEqual([])
      expect(modes(house)).toEqual(['normal', 'normal', 'normal'])
      expect(['web', 'db', 'mail'].map((name) => house.vm(name)!.hostId)).toEqual([
        'host-1',
        'host-2',
        'host-3',
      ])
    },
  )

  it('pauses at each host until somebody says that it is done', () => {
    const house = cluster()
    const id = roll(house, 'pause')
    const early = house.decide((w, c) => decideRollContinue(w, { taskId: id }, c))
    expect(early.ok).toBe(false)
    for (let host = 1; host <= 3; host += 1) {
      house.run()
      expect(house.task(id)).toMatchObject({ state: 'running', waiting: { code: 'attention' } })
      expect(house.host(`host-${host}`).mode).toBe('maintenance')
      house.accepted((w, c) => decideRollContinue(w, { taskId: id }, c))
    }
    house.run()
    expect(house.task(id).state).toBe('succeeded')
  })

  it('says in its history what it waits for, and cancelled calls only the host that it was at a failure', () => {
    const house = cluster()
    const id = roll(house, 'pause')
    house.run()
    expect(house.events.map((body) => sayEvent(body))).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^Asked to roll through \S+\.$/),
        expect.stringMatching(/^roll through .*: esx-1 is empty and in maintenance\./),
      ]),
    )
    house.accepted((w, c) => decideCancel(w, { taskId: id }, c))
    house.run()
    expect(house.task(id)).toMatchObject({
      state: 'cancelled',
      steps: [{ state: 'failed' }, { state: 'skipped' }, { state: 'skipped' }],
    })
  })

  it('takes as many at once as it was told', () => {
    const house = cluster()
    roll(house, 'pause', 2)
    house.run()
    expect(modes(house)).toEqual(['maintenance', 'maintenance', 'normal'])
    expect(running(house)).toBe(true)
  })

  it('stops when another host is not well, and when a host cannot be emptied', () => {
    const house = cluster()
    const id = roll(house, 'pause')
    house.run()
    house.setHost('host-3', { state: 'suspect' })
    house.accepted((w, c) => decideRollContinue(w, { taskId: id }, c))
    house.run()
    expect(house.task(id)).toMatchObject({
      state: 'failed',
      outcome: { code: 'roll_stopped', at: { name: 'esx-3' }, done: 1, of: 3 },
    })
    expect(house.host('host-2').mode).toBe('normal')

    const full = cluster()
    const other = roll(full, 'nothing')
    const { uuid } = full.vm('db')!
    full.fault = (_, body) => (body.kind === 'vm.migrate' && body.uuid === uuid ? 'failed' : null)
    full.run()
    expect(full.task(other)).toMatchObject({
      state: 'failed',
      outcome: { code: 'roll_stopped', at: { name: 'esx-2' }, done: 1 },
    })
    expect(running(full)).toBe(true)
  })

  it.each(['lost', 'unknown', 'twice', 'failed'] satisfies Fault[])(
    'goes on or stops with the reason when one order is %s',
    (fault) => {
      const whole = cluster()
      roll(whole, 'reboot')
      whole.run()
      for (let at = 0; at < whole.commands.length; at += 1) {
        const house = cluster()
        const id = roll(house, 'reboot')
        house.fault = (n) => (n === at ? fault : null)
        house.run()
        const what = `${fault} at ${at} ${JSON.stringify(whole.commands[at]!.body)}: ${JSON.stringify(house.task(id).outcome)}`
        expect(isOpen(house.task(id)), what).toBe(false)
        expect(house.world.index.openTasks.size, what).toBe(0)
        expect(running(house), what).toBe(true)
        expect(house.killed, what).toEqual([])
      }
    },
  )

  it('cancelled at any moment leaves everything running', () => {
    const whole = cluster()
    roll(whole, 'reboot')
    whole.run()
    for (let at = 0; at < whole.commands.length; at += 1) {
      const house = cluster()
      const id = roll(house, 'reboot')
      house.fault = (n) => {
        if (n === at) house.decide((w, c) => decideCancel(w, { taskId: id }, c))
        return null
      }
      house.run()
      expect(isOpen(house.task(id)), `${at}`).toBe(false)
      expect(house.world.index.openTasks.size).toBe(0)
      expect(running(house)).toBe(true)
    }
  })
})

import { type GuestPolicy, isHeld, isOpen, type TaskId } from '@drover/model'
import { describe, expect, it } from 'vitest'
import { decideCancel } from '../task/cancel'
import { decideAdvance } from '../task/result'
import { type Fault, House } from '../testing/house'
import { decideShutdownHost } from './shutdown'

function guests(): House {
  const house = new House()
  house.addVm('db', 'host-1', 'datastore-1', 'running')
  house.addVm('cellar', 'host-1', 'datastore-1', 'off')
  return house
}

function shutdown(house: House, policy: GuestPolicy, reboot: boolean): TaskId {
  const input = { hostId: 'host-1', reboot, guests: policy, confirmName: 'esx-1' }
  return house.accepted((w, c) => decideShutdownHost(w, input, c)).taskId!
}

const power = (house: House) => ['web', 'db'].map((name) => house.vm(name)!.power)

describe('shutting a host down', () => {
  it('wants its name, and refuses what cannot be emptied', () => {
    const house = guests()
    const input = { hostId: 'host-1', reboot: false, guests: 'evacuate' as const, confirmName: 'esx' }
    expect(house.decide((w, c) => decideShutdownHost(w, input, c))).toMatchObject({
      refusals: [{ code: 'confirm_name' }],
    })
    for (const id of ['host-2', 'host-3'] as const) house.setHost(id, { mode: 'maintenance' })
    const right = { ...input, confirmName: 'esx-1' }
    expect(house.decide((w, c) => decideShutdownHost(w, right, c))).toMatchObject({
      refusals: [{ code: 'blockers' }],
    })
    expect(
      house.accepted((w, c) => decideShutdownHost(w, { ...right, guests: 'hold' }, c)).taskId,
    ).not.toBeNull()
  })

  it('evacuates first: nothing stops, and the host is proven off', () => {
    const house = guests()
    const id = shutdown(house, 'evacuate', false)
    house.run()
    expect(house.task(id)).toMatchObject({
      state: 'succeeded',
      outcome: { code: 'host_ready', mode: 'off', moved: 2 },
    })
    expect(house.killed).toEqual([])
    expect(power(house)).toEqual(['running', 'running'])
    expect(house.host('host-1')).toMatchObject({ state: 'fenced', mode: 'normal', proof: { by: 'shutdown' } })
    expect(house.host('host-1').incidentId).toBeNull()
  })

  it.each(['failover', 'hold', 'restartInPlace'] as const)(
    '%s: guests are shut down, not killed, and should run',
    (policy) => {
      const house = guests()
      const id = shutdown(house, policy, false)
      expect(isHeld(house.host('host-1'))).toBe(true)
      house.run()
      expect(house.task(id).state).toBe('succeeded')
      expect(house.killed).toEqual([])
      expect(house.host('host-1')).toMatchObject({
        state: 'fenced',
        mode: 'normal',
        proof: { by: 'shutdown' },
      })
      for (const name of ['web', 'db'])
        expect(house.vm(name)).toMatchObject({ power: 'off', desired: 'running', hostId: 'host-1' })
      // Elsewhere at once, or not before it is back.
      expect(isHeld(house.host('host-1'))).toBe(policy !== 'failover')
      house.boot('host-1')
      expect(isHeld(house.host('host-1'))).toBe(false)
    },
  )

  it.each(['hold', 'restartInPlace'] as const)(
    '%s: after a reboot the guests run again where they were',
    (policy) => {
      const house = guests()
      const id = shutdown(house, policy, true)
      house.run()
      expect(house.task(id)).toMatchObject({ state: 'succeeded', outcome: { mode: 'rebooted' } })
      expect(house.killed).toEqual([])
      for (const name of ['web', 'db'])
        expect(house.vm(name)).toMatchObject({ power: 'running', hostId: 'host-1' })
      expect(house.vm('cellar')!.power).toBe('off')
      expect(house.host('host-1')).toMatchObject({ state: 'connected', mode: 'normal', held: null })
    },
  )

  it('reboots a host in maintenance, which stays in maintenance', () => {
    const house = guests()
    house.setHost('host-2', { mode: 'maintenance', modeReason: 'fans' })
    const input = { hostId: 'host-2', reboot: true, guests: 'evacuate' as const, confirmName: 'esx-2' }
    const { taskId } = house.accepted((w, c) => decideShutdownHost(w, input, c))
    house.run()
    expect(house.task(taskId!).state).toBe('succeeded')
    expect(house.host('host-2')).toMatchObject({
      mode: 'maintenance',
      modeReason: 'fans',
      state: 'connected',
    })
  })

  it('stops hard a guest that does not obey, and gives up when that fails as well: the others run again', () => {
    const deaf = guests()
    deaf.fault = (_, body) => (body.kind === 'vm.shutdown' ? 'failed' : null)
    const id = shutdown(deaf, 'failover', false)
    deaf.run()
    expect(deaf.task(id).state).toBe('succeeded')
    expect(deaf.commands.filter(({ body }) => body.kind === 'vm.stop')).toHaveLength(2)

    const stuck = guests()
    const { uuid } = stuck.vm('db')!
    stuck.fault = (_, body) =>
      'uuid' in body && body.uuid === uuid && (body.kind === 'vm.shutdown' || body.kind === 'vm.stop')
        ? 'failed'
        : null
    const other = shutdown(stuck, 'failover', false)
    stuck.run()
    expect(stuck.task(other)).toMatchObject({ state: 'failed', outcome: { code: 'host_stopped_short' } })
    expect(power(stuck)).toEqual(['running', 'running'])
    expect(stuck.host('host-1')).toMatchObject({ state: 'connected', mode: 'normal', held: null })
  })

  it('does not take an unanswered order for a yes: then the silence is a failure', () => {
    const house = guests()
    const id = shutdown(house, 'failover', false)
    while (power(house).includes('running')) house.step()
    while (house.task(id).command === null) house.decide((w, c) => decideAdvance(w, id, c))
    expect(house.task(id).command?.body).toEqual({ kind: 'host.shutdown', reboot: false })
    house.setHost('host-1', { state: 'suspect', stateSince: house.now })
    house.run()
    expect(isOpen(house.task(id))).toBe(true)
    house.now += 60_000
    house.run()
    expect(house.task(id)).toMatchObject({ state: 'failed', outcome: { code: 'host_stopped_short' } })
    expect(house.host('host-1')).toMatchObject({ state: 'suspect', proof: null })
  })

  it('does not believe in its end while it still shows signs of life', () => {
    const house = guests()
    const id = shutdown(house, 'failover', false)
    const alive = () => {
      const witness = house.world.live.get('host-2')!
      witness.heardAt = house.now
      witness.reaches.set('host-1', { ok: true, at: house.now })
    }
    house.check = alive
    for (let n = 0; n < 400 && isOpen(house.task(id)); n += 1) {
      alive()
      house.step()
    }
    expect(house.task(id)).toMatchObject({ state: 'failed' })
    expect(house.host('host-1').state).toBe('suspect')
  })
})

const ways = (['evacuate', 'failover', 'hold', 'restartInPlace'] as const).flatMap((policy) =>
  [true, false].map((reboot) => ({ policy, reboot })),
)

describe.each(ways)('whatever goes wrong: $policy, reboot $reboot', ({ policy, reboot }) => {
  const orders = () => {
    const whole = guests()
    shutdown(whole, policy, reboot)
    whole.run()
    return whole.commands.length
  }

  it.each(['lost', 'unknown', 'twice', 'failed'] satisfies Fault[])(
    'comes to an end when one order is %s; no guest is killed',
    (fault) => {
      const count = orders()
      expect(count).toBeGreaterThan(0)
      for (let at = 0; at < count; at += 1) {
        const house = guests()
        const id = shutdown(house, policy, reboot)
        house.fault = (n) => (n === at ? fault : null)
        house.run()
        const what = `${fault} at ${at}: ${JSON.stringify(house.task(id).outcome)}`
        expect(isOpen(house.task(id)), what).toBe(false)
        expect(house.world.index.openTasks.size, what).toBe(0)
        expect(house.killed, what).toEqual([])
        expect(house.host('host-1').mode, what).toBe('normal')
        if (house.host('host-1').state === 'connected' && policy !== 'failover')
          expect(power(house), what).toEqual(['running', 'running'])
      }
    },
  )

  it('cancelled at any moment, everything runs, or it was too late', () => {
    const count = orders()
    for (let at = 0; at < count; at += 1) {
      const house = guests()
      const id = shutdown(house, policy, reboot)
      house.fault = (n) => {
        if (n === at) house.decide((w, c) => decideCancel(w, { taskId: id }, c))
        return null
      }
      house.run()
      expect(isOpen(house.task(id)), `${at}`).toBe(false)
      expect(house.killed).toEqual([])
      const down = house.commands.some(({ body }) => body.kind === 'host.shutdown')
      if (!down) {
        expect(house.task(id).state, `${at}`).toBe('cancelled')
        expect(power(house), `${at}`).toEqual(['running', 'running'])
      }
      expect(house.host('host-1').mode).toBe('normal')
    }
  })
})

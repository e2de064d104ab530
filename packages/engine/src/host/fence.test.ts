import {
  type CommandResult,
  type FenceDevice,
  isOpen,
  sayOutcome,
  sayWaiting,
  setRow,
  type TaskId,
} from '@drover/model'
import { describe, expect, it } from 'vitest'
import { presentAlarms } from '../alarm/present'
import { accept } from '../decision'
import { decideChangeFence } from '../fence/device'
import { decideCancel } from '../task/cancel'
import { House } from '../testing/house'
import { Changes } from '../world/changes'
import { openTasks } from '../world/find'
import { startFence } from './fence'
import { decideFence } from './fenceByHand'
import { decidePowerOn } from './powerOn'

type Power = 'on' | 'off'
type Trouble = 'dead' | 'deaf' | 'slow'

/** A host with fence devices by level; what each says is its own socket's power, and the host is off when a level is. */
class Bench {
  readonly house = new House()
  readonly sockets = new Map<string, Power>()
  readonly trouble = new Map<string, Trouble>()
  readonly orders: string[] = []

  constructor(levels: number[], set: Partial<FenceDevice> = {}) {
    for (const [i, level] of levels.entries()) {
      const id = `fence-${i + 1}` as const
      const device: FenceDevice = {
        id,
        hostId: 'host-1',
        name: `bmc${i + 1}`,
        level,
        agent: 'fence_ipmilan',
        params: {},
        sealed: {},
        viaHostId: null,
        delayMs: 0,
        retries: 0,
        timeoutMs: 5_000,
        enabled: true,
        lastTest: null,
        ...set,
      }
      setRow(this.house.world, 'fence', id, device)
      this.sockets.set(id, 'on')
    }
    this.house.fence = ({ kind, deviceId }) => this.#answer(kind, deviceId)
  }

  #answer(kind: string, id: string): CommandResult {
    this.orders.push(`${kind} ${id}`)
    this.house.now += 500
    const trouble = this.trouble.get(id)
    if (trouble === 'dead') return { ok: false, error: 'failed', message: 'no route' }
    if (kind === 'fence.off' && trouble !== 'deaf') this.sockets.set(id, 'off')
    if (kind === 'fence.on') this.sockets.set(id, 'on')
    if (trouble === 'slow' && this.orders.filter((order) => order === `fence.status ${id}`).length < 3)
      return { ok: true, data: { power: 'on', message: '' } }
    return { ok: true, data: { power: this.sockets.get(id)!, message: '' } }
  }

  fence(): TaskId {
    const input = { hostId: 'host-1', confirmName: 'esx-1' }
    return this.house.accepted((w, c) => decideFence(w, input, c)).taskId!
  }

  /** Lets things happen until the task has ended, or this much time has passed. */
  run(taskId: TaskId, ms = 600_000): void {
    const { house } = this
    const until = house.now + ms
    while (isOpen(house.task(taskId)) && house.now < until) if (!house.step()) house.now += 1_000
  }
}

describe('a fence by hand', () => {
  it('asks for the name, and names what is missing', () => {
    const { house } = new Bench([])
    const refused = house.decide((w, c) => decideFence(w, { hostId: 'host-1', confirmName: 'esx' }, c))
    expect(refused).toMatchObject({ refusals: [{ code: 'no_fence_device' }, { code: 'confirm_name' }] })
  })

  it('switches off, proves it, and takes the VMs for lost', () => {
    const bench = new Bench([1])
    const id = bench.fence()
    expect(bench.house.host('host-1').state).toBe('fencing')
    bench.run(id)
    expect(bench.house.task(id)).toMatchObject({ state: 'succeeded', outcome: { code: 'fenced' } })
    expect(bench.house.host('host-1')).toMatchObject({ state: 'fenced', proof: { by: 'device' } })
    expect(bench.house.vm('web')).toMatchObject({ power: 'off', desired: 'running' })
    expect(bench.orders.slice(0, 2)).toEqual(['fence.off fence-1', 'fence.status fence-1'])
  })

  it('needs every device of a level, and takes none’s word for another', () => {
    const bench = new Bench([1, 1])
    const id = bench.fence()
    bench.run(id)
    expect(bench.orders).toEqual([
      'fence.off fence-1',
      'fence.off fence-2',
      'fence.status fence-1',
      'fence.status fence-2',
    ])
    const half = new Bench([1, 1, 2])
    half.trouble.set('fence-2', 'deaf')
    const other = half.fence()
    half.run(other)
    expect(half.house.host('host-1').proof!.text).toContain('bmc3')
  })

  it.each([
    ['dead', 'not asked for what it cannot say'],
    ['deaf', 'asked again, and never believed'],
  ] as const)('goes on to the next level when a device is %s: %s', (trouble) => {
    const bench = new Bench([1, 2], { retries: 1 })
    bench.trouble.set('fence-1', trouble)
    const id = bench.fence()
    bench.run(id)
    expect(bench.house.task(id).state).toBe('succeeded')
    expect(bench.orders.filter((order) => order === 'fence.off fence-1')).toHaveLength(2)
    expect(bench.house.host('host-1').proof!.text).toContain('bmc2')
  })

  it('waits for a machine that goes off slowly', () => {
    const bench = new Bench([1])
    bench.trouble.set('fence-1', 'slow')
    const id = bench.fence()
    bench.run(id)
    expect(bench.orders.filter((order) => order.startsWith('fence.off'))).toHaveLength(1)
    expect(bench.house.task(id).state).toBe('succeeded')
  })

  it('never ends without proof: it waits, says for what, and tries again', () => {
    const bench = new Bench([1])
    bench.trouble.set('fence-1', 'dead')
    const id = bench.fence()
    bench.run(id, 120_000)
    expect(bench.house.task(id)).toMatchObject({
      state: 'running',
      waiting: { code: 'proof', why: 'bmc1: no route' },
    })
    expect(bench.orders.length).toBeGreaterThanOrEqual(3)
    expect(bench.house.task(id).steps).toHaveLength(2)
    bench.trouble.delete('fence-1')
    bench.run(id)
    expect(bench.house.task(id).state).toBe('succeeded')
  })

  it('that no device could carry out is one alarm until it is proven, not one for each time it is tried again', () => {
    const bench = new Bench([1])
    const { house } = bench
    const alarmed = () => presentAlarms(house.world, house.now).some(({ code }) => code === 'host_unproven')
    const until = (failed: boolean) => {
      for (let n = 0; n < 99 && (house.task(id).memo.failed ?? false) !== failed; n += 1)
        if (!house.step()) house.now += 1_000
      return house.task(id).memo.failed
    }
    bench.trouble.set('fence-1', 'deaf')
    const id = bench.fence()
    expect(alarmed()).toBe(false)
    expect([until(true), alarmed()]).toEqual([true, true])
    expect([until(false), alarmed()]).toEqual([false, true])
    bench.trouble.delete('fence-1')
    bench.run(id)
    expect(alarmed()).toBe(false)
  })

  it('keeps its devices as they are while an attempt runs, and lets them be mended before the next', () => {
    const bench = new Bench([1])
    const { house } = bench
    const change = () =>
      house.decide((w, c) => decideChangeFence(w, { fenceId: 'fence-1', changes: { retries: 2 } }, c))
    bench.trouble.set('fence-1', 'dead')
    const id = bench.fence()
    const refused = change()
    expect(refused).toMatchObject({ refusals: [{ code: 'fence_in_use', device: { name: 'bmc1' } }] })
    for (let n = 0; n < 99 && !house.task(id).memo.failed; n += 1) if (!house.step()) house.now += 1_000
    expect(change()).not.toHaveProperty('refusals')
  })

  it('takes no answer for proof that is older than the last sign of its host', () => {
    const bench = new Bench([1])
    const { house } = bench
    const answer = house.fence
    let asked = 0
    house.fence = (order) => {
      const said = answer(order)
      asked += order.kind === 'fence.status' ? 1 : 0
      if (order.kind !== 'fence.status' || asked > 1) return said
      // It was slow to say so, and the host was heard meanwhile.
      house.world.live.get('host-1')!.heardAt = house.now
      house.now += 10_000
      return said
    }
    const id = bench.fence()
    while (asked < 1) house.step()
    house.step()
    expect(house.host('host-1').state).toBe('fencing')
    bench.run(id)
    expect(asked).toBe(2)
    expect(house.host('host-1').state).toBe('fenced')
  })

  it('waits for its delay, and can be cancelled until a device has its order', () => {
    const bench = new Bench([1], { delayMs: 20_000 })
    const id = bench.fence()
    bench.house.step()
    expect(bench.orders).toEqual([])
    bench.house.accepted((w, c) => decideCancel(w, { taskId: id }, c))
    bench.run(id)
    expect(bench.orders).toEqual([])
    expect(bench.house.task(id).state).toBe('cancelled')
    expect(bench.house.host('host-1').state).toBe('connected')
    const late = new Bench([1])
    const other = late.fence()
    late.house.step()
    expect(openTasks(late.house.world)).toHaveLength(1)
    expect(late.house.decide((w, c) => decideCancel(w, { taskId: other }, c))).toMatchObject({
      refusals: [{ code: 'not_cancellable' }],
    })
  })

  it('by Drover itself is called off when its host is heard before a device has its order', () => {
    const bench = new Bench([1])
    const { house } = bench
    const begin = () =>
      house.accepted((world, ctx) => {
        const changes = new Changes(world, ctx)
        const wanted = { incidentId: null, byHand: false, softOnly: false, reason: null }
        return accept(changes.events, startFence(changes, house.host('host-1'), wanted)!)
      })
    const live = house.world.live.get('host-1')!
    live.heardAt = house.now - 10_000
    const heard = begin()
    // It says hello, and has not yet said what it runs.
    Object.assign(live, { heardAt: house.now, reportedAt: null })
    bench.run(heard)
    expect(house.task(heard)).toMatchObject({
      state: 'cancelled',
      outcome: { cause: 'its agent is heard again' },
    })
    expect(bench.orders).toEqual([])
    expect(house.host('host-1').state).toBe('suspect')
    house.now += 10_000
    bench.run(begin())
    expect(house.host('host-1').state).toBe('fenced')
  })

  it('ends the same when every answer is lost once and every order runs twice', () => {
    const whole = new Bench([1, 2])
    whole.run(whole.fence())
    for (let at = 0; at < whole.orders.length; at += 1) {
      const bench = new Bench([1, 2])
      const answer = bench.house.fence
      let n = 0
      bench.house.fence = (order) => {
        const said = answer(order)
        n += 1
        return n - 1 === at ? { ok: false, error: 'deadline', message: 'it did not answer' } : said
      }
      const id = bench.fence()
      bench.run(id)
      expect(bench.house.task(id).state, `at ${at}`).toBe('succeeded')
      expect(bench.house.host('host-1').state).toBe('fenced')
    }
  })
})

describe('power on', () => {
  it('switches on what is fenced, and ends when its agent reports', () => {
    const bench = new Bench([1])
    bench.run(bench.fence())
    const { house } = bench
    const { taskId } = house.accepted((w, c) => decidePowerOn(w, { hostId: 'host-1' }, c))
    for (let n = 0; n < 5 && house.task(taskId!).waiting?.code !== 'agent_back'; n += 1) house.step()
    expect(house.task(taskId!).waiting).toMatchObject({ code: 'agent_back' })
    expect(bench.orders).toContain('fence.on fence-1')
    house.setHost('host-1', { state: 'connected', proof: null })
    bench.run(taskId!)
    expect(house.task(taskId!)).toMatchObject({ state: 'succeeded', outcome: { code: 'powered_on' } })
  })

  it('fails with a reason when its agent never reports', () => {
    const bench = new Bench([1])
    bench.run(bench.fence())
    const { taskId } = bench.house.accepted((w, c) => decidePowerOn(w, { hostId: 'host-1' }, c))
    bench.run(taskId!, 3_600_000)
    expect(bench.house.task(taskId!)).toMatchObject({ state: 'failed', outcome: { code: 'refused' } })
  })

  it('says what a device said that did not switch it on, while its agent is waited for and in the end', () => {
    const bench = new Bench([1])
    bench.run(bench.fence())
    const { house } = bench
    house.fence = () => ({ ok: true, data: { power: 'unknown', message: 'there is no such plug' } })
    const { taskId } = house.accepted((w, c) => decidePowerOn(w, { hostId: 'host-1' }, c))
    for (let n = 0; n < 5 && house.task(taskId!).waiting?.code !== 'agent_back'; n += 1) house.step()
    const { waiting } = house.task(taskId!)
    expect(sayWaiting(waiting!, house.now)).toMatch(/may not have been switched on: .*no such plug/)
    bench.run(taskId!, 3_600_000)
    expect(sayOutcome(house.task(taskId!).outcome!)).toMatch(/was not switched on: .*no such plug/)
  })

  it('is for hosts that are off', () => {
    const { house } = new Bench([1])
    const refused = house.decide((w, c) => decidePowerOn(w, { hostId: 'host-1' }, c))
    expect(refused).toMatchObject({ refusals: [{ code: 'host_state' }] })
  })
})

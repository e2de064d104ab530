import { isOpen, type TaskId } from '@drover/model'
import type { CommandBody } from '@drover/protocol'
import { describe, expect, it } from 'vitest'
import type { Decide } from '../decision'
import { decideClean } from '../recover/clean'
import { decideRecover } from '../recover/recover'
import { type Fault, House } from '../testing/house'
import { lose } from '../testing/loss'
import { decideChange } from '../vm/change'
import { decideCreate } from '../vm/create'
import { decideDelete } from '../vm/delete'
import { decideMigrate } from '../vm/migrate'
import { decidePower } from '../vm/power'
import { decideCancel } from './cancel'
import type { Started } from './create'
import { decideGiveUp } from './giveUp'
import { decideResult } from './result'

interface Verb {
  name: string
  prepare?: (house: House) => void
  /** It does not wait for a silent host: it ends, and is begun anew when that is back. */
  impatient?: true
  decide: (house: House) => Decide<Started>
}

const create = {
  clusterId: 'cluster-1',
  name: 'new',
  vcpus: 1,
  memoryBytes: 1024 ** 3,
  image: { datastoreId: 'datastore-1', path: 'images/tiny.qcow2' },
  datastoreId: null,
  diskBytes: null,
  networkId: 'network-1',
  hostId: 'host-2',
  notes: '',
  tags: [],
  powerOn: true,
} as const

const off = (house: House) => {
  const web = house.vm('web')!
  house.setVm('web', { power: 'off' })
  house.guests.get('host-1')!.get(web.uuid)!.state = 'off'
}
const local = (power: 'running' | 'off') => (house: House) => {
  house.addVm('db', 'host-1', 'datastore-2', power)
}

const verbs: Verb[] = [
  { name: 'create', decide: () => (w, c) => decideCreate(w, { ...create, tags: [] }, c) },
  {
    name: 'change',
    prepare: off,
    decide: (h) => (w, c) => decideChange(w, { vmId: h.vm('web')!.id, changes: { vcpus: 4 } }, c),
  },
  {
    name: 'delete',
    prepare: off,
    decide: (h) => (w, c) => decideDelete(w, { vmId: h.vm('web')!.id, confirmName: 'web' }, c),
  },
  {
    name: 'start',
    prepare: off,
    decide: (h) => (w, c) => decidePower(w, 'vm.start', { vmId: h.vm('web')!.id }, c),
  },
  ...(['vm.shutdown', 'vm.stop', 'vm.reboot', 'vm.reset', 'vm.suspend'] as const).map(
    (kind) =>
      ({
        name: kind,
        decide: (h: House) => (w, c) => decidePower(w, kind, { vmId: h.vm('web')!.id }, c),
      }) satisfies Verb,
  ),
  {
    name: 'migrate live',
    decide: (h) => (w, c) => decideMigrate(w, { vmId: h.vm('web')!.id, targetId: 'host-2' }, c),
  },
  {
    name: 'migrate live with disks',
    prepare: local('running'),
    decide: (h) => (w, c) => decideMigrate(w, { vmId: h.vm('db')!.id, targetId: 'host-2' }, c),
  },
  {
    name: 'migrate cold, shared, running',
    decide: (h) => (w, c) =>
      decideMigrate(w, { vmId: h.vm('web')!.id, targetId: 'host-2', method: 'cold' }, c),
  },
  {
    name: 'migrate cold, copied, running',
    prepare: local('running'),
    decide: (h) => (w, c) =>
      decideMigrate(w, { vmId: h.vm('db')!.id, targetId: 'host-2', method: 'cold' }, c),
  },
  {
    name: 'migrate cold, copied, off',
    prepare: local('off'),
    decide: (h) => (w, c) => decideMigrate(w, { vmId: h.vm('db')!.id, targetId: 'host-2' }, c),
  },
]

/** Restarts are decided by nobody: the first task that comes of a look is the one. */
const restart: Decide<Started> = (world, ctx) => {
  const decided = decideRecover(world, ctx)
  if (!decided.ok) return decided
  const taskId = decided.change.find(({ body }) => body.kind === 'task.created')!.taskId!
  return { ...decided, value: { taskId, plan: null as never } }
}
verbs.push(
  {
    name: 'restart elsewhere',
    prepare: (house) => lose(house, 'host-1'),
    decide: () => restart,
  },
  {
    name: 'restart where it was',
    prepare: (house) => {
      off(house)
      house.setVm('web', { power: 'crashed' })
      house.guests.get('host-1')!.get(house.vm('web')!.uuid)!.state = 'crashed'
    },
    decide: () => restart,
  },
  {
    name: 'clean a host that is back',
    impatient: true,
    prepare: (house) => {
      house.setVm('web', { hostId: 'host-2', staleOn: ['host-1'] })
      house.guests
        .get('host-2')!
        .set(house.vm('web')!.uuid, { ...house.guests.get('host-1')!.get(house.vm('web')!.uuid)! })
      house.guests.get('host-1')!.get(house.vm('web')!.uuid)!.state = 'off'
      for (const id of ['host-1', 'host-2'] as const) house.report(id)
    },
    decide: () => (world, ctx) => {
      const decided = decideClean(world, ctx)
      if (!decided.ok) return decided
      const taskId = decided.change.find(({ body }) => body.kind === 'task.created')!.taskId!
      return { ...decided, value: { taskId, plan: null as never } }
    },
  },
)

/** Orders that are not given again when their agent cannot say whether it carried them out. */
const unrepeatable = ['vm.reboot', 'vm.reset', 'vm.migrate']

/** One home, and never without a whole disk: true after every single change and order. */
function watch(house: House): void {
  house.check = () => {
    for (const vm of house.world.tables.vm.values()) {
      const hosts = house.runsOn(vm.uuid)
      if (hosts.length > 1) throw new Error(`${vm.name} runs on ${hosts}`)
      const deleting = [...house.world.tables.task.values()].some(
        ({ kind, vmId }) => kind === 'vm.delete' && vmId === vm.id,
      )
      // Between the switch-over and its confirmation the row still names the old disk: it has to be there as well.
      if (!deleting && !house.hasDisks(vm)) throw new Error(`${vm.name} has no whole disk at its home`)
    }
  }
}

function begin(verb: Verb): { house: House; taskId: TaskId } {
  const house = new House()
  verb.prepare?.(house)
  watch(house)
  const { taskId } = house.accepted(verb.decide(house))
  return { house, taskId: taskId! }
}

/** The row says what is true. */
function expectTruth(house: House): void {
  for (const vm of house.world.tables.vm.values()) {
    const guest = house.guests.get(vm.hostId)!.get(vm.uuid)
    expect(guest?.state ?? 'missing', `${vm.name} on ${vm.hostId}`).toBe(vm.power)
    expect(house.runsOn(vm.uuid)).toEqual(vm.power === 'running' || vm.power === 'paused' ? [vm.hostId] : [])
  }
}

describe.each(verbs)('$name', (verb) => {
  it('succeeds, and the rows say what is true', () => {
    const { house, taskId } = begin(verb)
    house.run()
    expect(house.task(taskId).state, JSON.stringify(house.task(taskId).outcome)).toBe('succeeded')
    expect(house.task(taskId).steps.every(({ state }) => state === 'done')).toBe(true)
    expectTruth(house)
  })

  it.each(['lost', 'unknown', 'twice', 'failed'] satisfies Fault[])(
    'ends with the truth when any one order is %s',
    (fault) => {
      const whole = begin(verb)
      whole.house.run()
      const orders = whole.house.commands.length
      expect(orders).toBeGreaterThan(0)
      for (let at = 0; at < orders; at += 1) {
        const { house, taskId } = begin(verb)
        house.fault = (n) => (n === at ? fault : null)
        house.run()
        const task = house.task(taskId)
        const what = `${fault} at ${at} (${whole.house.commands[at]!.body.kind}): ${JSON.stringify(task.outcome)}`
        expect(isOpen(task), what).toBe(false)
        if (fault === 'twice') expect(task.state, what).toBe('succeeded')
        if (fault === 'lost' && !unrepeatable.includes(whole.house.commands[at]!.body.kind))
          expect(task.state, what).toBe('succeeded')
        expectTruth(house)
      }
    },
  )

  it('ends with the truth when it is cancelled at any moment that it can be', () => {
    const whole = begin(verb)
    whole.house.run()
    for (let at = 0; at <= whole.house.commands.length; at += 1) {
      const { house, taskId } = begin(verb)
      house.fault = (n) => {
        if (n === at) house.decide((world, ctx) => decideCancel(world, { taskId }, ctx))
        return null
      }
      if (at === whole.house.commands.length) house.decide((w, ctx) => decideCancel(w, { taskId }, ctx))
      house.run()
      const task = house.task(taskId)
      expect(isOpen(task), `${at}: ${JSON.stringify(task)}`).toBe(false)
      expect(task.state, `${at}: ${JSON.stringify(task.outcome)}`).not.toBe('failed')
      expectTruth(house)
    }
  })

  it('waits for a host that falls silent, and goes on when it is back', () => {
    const whole = begin(verb)
    whole.house.run()
    for (let at = 0; at < whole.house.commands.length; at += 1) {
      const { house, taskId } = begin(verb)
      const { hostId } = whole.house.commands[at]!
      for (let n = 0; n < 200 && house.commands.length < at; n += 1) house.step()
      house.setHost(hostId, { state: 'suspect' })
      house.run()
      const waits = isOpen(house.task(taskId))
      if (waits && house.task(taskId).state !== 'queued')
        expect(house.task(taskId).waiting).toMatchObject({ code: 'host_answer', host: { id: hostId } })
      house.setHost(hostId, { state: 'connected' })
      house.run()
      expect(isOpen(house.task(taskId))).toBe(false)
      expectTruth(house)
    }
  })

  it.each([true, false])(
    'can be given up when a host is silent for ever; its word counts when it is back (order carried out: %s)',
    (carriedOut) => {
      const whole = begin(verb)
      whole.house.run()
      let givenUp = 0
      let kept = 0
      for (const [at, { hostId }] of whole.house.commands.entries()) {
        const { house, taskId } = begin(verb)
        const giveUp: Decide = (world, ctx) => decideGiveUp(world, { taskId }, ctx)
        for (let n = 0; n < 200 && house.commands.length < at; n += 1) house.step()
        if (isOpen(house.task(taskId)))
          expect(house.decide(giveUp)).toMatchObject({ refusals: [{ code: 'not_given_up' }] })
        house.setHost(hostId, { state: 'suspect' })
        house.run()
        const { command } = house.task(taskId)
        if (!command) continue
        // What may be left of its definition on a silent host is noted, for when that is back; nothing else changes.
        const rows = () => [...house.world.tables.vm.values()].map(({ staleOn, ...row }) => row)
        const before = rows()
        const answer = house.decide(giveUp)
        if (!answer.ok) {
          // Its guest may be on either host: it is not forgotten before both have been heard or proven dead.
          expect(answer).toMatchObject({ refusals: [{ code: 'not_cancellable' }] })
          expect(house.task(taskId)).toMatchObject({ kind: 'vm.migrate' })
          house.setHost(hostId, { state: 'connected' })
          house.run()
          expect(isOpen(house.task(taskId))).toBe(false)
          expectTruth(house)
          kept += 1
          continue
        }
        givenUp += 1
        expect(house.task(taskId)).toMatchObject({
          state: 'failed',
          command: null,
          waiting: null,
          outcome: { code: 'given_up', host: { id: hostId }, by: 'ada' },
        })
        expect(rows()).toEqual(before)
        expect(house.decide(giveUp)).toMatchObject({ refusals: [{ code: 'task_ended' }] })

        if (carriedOut) house.unheard(hostId, command.body as CommandBody)
        const result = { ok: true, data: null } as const
        const late = house.accepted((w, c) => decideResult(w, { hostId, commandId: command.id, result }, c))
        expect(late).toBeNull()
        expect(rows()).toEqual(before)
        house.setHost(hostId, { state: 'connected' })
        for (const id of house.guests.keys()) house.report(id)
        house.run()
        expect(house.commands).toHaveLength(at)
        expectTruth(house)
        for (const [id, guests] of house.guests)
          for (const uuid of guests.keys())
            expect(house.world.index.vmByUuid.has(uuid), `${uuid} on ${id} is in the inventory`).toBe(true)
      }
      expect(givenUp + kept).toBeGreaterThan(verb.impatient ? -1 : 0)
    },
  )
})

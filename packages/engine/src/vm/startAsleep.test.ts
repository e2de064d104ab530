import { isOpen, sayWaiting, type TaskId } from '@drover/model'
import { describe, expect, it } from 'vitest'
import { decideSleep } from '../host/sleep'
import { decideCancel } from '../task/cancel'
import { Boards } from '../testing/bmc'
import { House } from '../testing/house'
import { decidePower, planPower } from './power'

/** The first host sleeps; a VM of it is off, with its disk on storage that all hosts have, or on the host's own. */
function site(disk: 'shared' | 'own'): { house: House; boards: Boards } {
  const house = new House()
  house.addVm('idle', 'host-1', disk === 'shared' ? 'datastore-1' : 'datastore-2', 'off')
  for (const id of house.guests.keys()) house.setHost(id, { wake: { at: 1, ms: 40_000 } })
  const boards = new Boards(house)
  const input = { hostId: 'host-1', why: 'nobody needs it', decisionId: null, until: null, byHand: true }
  expect(boards.run(house.accepted((w, c) => decideSleep(w, input, c)).taskId).state).toBe('succeeded')
  return { house, boards }
}

const start = (house: House): TaskId =>
  house.accepted((w, c) => decidePower(w, 'vm.start', { vmId: house.vm('idle')!.id }, c)).taskId!
const steps = (house: House) => {
  const { verdict, steps } = planPower(house.world, 'vm.start', house.vm('idle')!)
  return { ok: verdict.ok, steps: steps.map(({ name, host }) => `${name} ${host?.id}`) }
}

describe('a VM that is off and whose home sleeps', () => {
  it('is started on another host where its disks are on shared storage, and lives there; its home sleeps on', () => {
    const { house, boards } = site('shared')
    const plan = steps(house)
    expect(plan).toMatchObject({
      ok: true,
      steps: [expect.stringMatching(/^define host-[23]$/), expect.anything()],
    })
    const task = boards.run(start(house))
    expect(task).toMatchObject({ state: 'succeeded', outcome: { code: 'power_is', power: 'running' } })
    const vm = house.vm('idle')!
    expect(['host-2', 'host-3']).toContain(vm.hostId)
    expect(vm).toMatchObject({ power: 'running', homeId: 'host-1', staleOn: ['host-1'] })
    expect(house.runsOn(vm.uuid)).toEqual([vm.hostId])
    expect(house.host('host-1')).toMatchObject({ state: 'fenced', mode: 'standby' })
    expect(boards.power.get('host-1')).toBe('off')
  })

  it('has its home woken where only that has its disks, and waits for it in so many words', () => {
    const { house, boards } = site('own')
    expect(steps(house)).toEqual({ ok: true, steps: ['wake up host-1', 'start host-1'] })
    const id = start(house)
    house.step()
    expect(sayWaiting(house.task(id).waiting!, house.now)).toBe('Waits for esx-1 to wake.')
    const task = boards.run(id)
    expect(task.state).toBe('succeeded')
    expect(house.runsOn(house.vm('idle')!.uuid)).toEqual(['host-1'])
    expect(house.host('host-1')).toMatchObject({ state: 'connected', mode: 'normal' })
    expect(house.events.filter(({ kind }) => kind === 'task.created').length).toBe(4)
  })

  it('says why when its home does not wake', () => {
    const { house, boards } = site('own')
    boards.trouble.set('host-1', 'cold')
    const task = boards.run(start(house))
    expect(task).toMatchObject({ state: 'failed', outcome: { code: 'not_woken', host: { id: 'host-1' } } })
  })

  it('can be left off while it waits; its home wakes all the same', () => {
    const { house, boards } = site('own')
    const id = start(house)
    house.step()
    expect(house.decide((w, c) => decideCancel(w, { taskId: id }, c)).ok).toBe(true)
    expect(boards.run(id).state).toBe('cancelled')
    expect(house.vm('idle')!.power).toBe('off')
  })

  it('is refused with the reason where its home cannot be woken either', () => {
    const { house } = site('own')
    for (const [id, device] of house.world.tables.fence)
      house.world.tables.fence.set(id, { ...device, enabled: false })
    const vmId = house.vm('idle')!.id
    expect(house.decide((w, c) => decidePower(w, 'vm.start', { vmId }, c))).toMatchObject({
      refusals: [{ code: 'no_fence_device', host: { id: 'host-1' } }],
    })
  })

  it.each(['shared', 'own'] as const)('runs once at most, whichever order goes wrong (%s)', (disk) => {
    for (const fault of ['lost', 'unknown', 'twice', 'failed'] as const)
      for (let at = 0; ; at += 1) {
        const { house, boards } = site(disk)
        const before = house.commands.length
        house.fault = (n) => (n === before + at ? fault : null)
        house.check = () => expect(house.runsOn(house.vm('idle')!.uuid).length).toBeLessThanOrEqual(1)
        const task = boards.run(start(house))
        const vm = house.vm('idle')!
        expect(isOpen(task), `${fault} at ${at}`).toBe(false)
        expect(house.runsOn(vm.uuid), `${fault} at ${at}`).toEqual(vm.power === 'running' ? [vm.hostId] : [])
        expect(vm.power === 'running', `${fault} at ${at}`).toBe(task.state === 'succeeded')
        if (house.commands.length <= before + at) break
      }
  })
})

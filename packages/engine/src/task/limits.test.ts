import { describe, expect, it } from 'vitest'
import { House } from '../testing/house'
import { decideMigrate } from '../vm/migrate'
import { decideCancel } from './cancel'
import { worthSaying } from './waiting'

function queueOf(count: number) {
  const house = new House()
  const names = Array.from({ length: count }, (_, n) => `vm${n + 1}`)
  for (const name of names) {
    house.addVm(name, 'host-1', 'datastore-1', 'running')
    house.setVm(name, { memoryBytes: 2 ** 26 })
  }
  const tasks = names.map(
    (name) =>
      house.accepted((w, c) => decideMigrate(w, { vmId: house.vm(name)!.id, targetId: 'host-2' }, c)).taskId!,
  )
  return { house, tasks }
}

describe('limits', () => {
  it('let two run at a host; the others say behind whom they wait, and none is left', () => {
    const { house, tasks } = queueOf(5)
    house.step()
    const states = () => tasks.map((id) => house.task(id).state)
    expect(states()).toEqual(['running', 'running', 'queued', 'queued', 'queued'])
    expect(house.task(tasks[4]!).waiting).toEqual({
      code: 'host_slot',
      host: { id: 'host-1', name: 'esx-1' },
      limit: 2,
      ahead: ['vm1', 'vm2', 'vm3', 'vm4'],
    })
    let most = 0
    house.check = () => {
      most = Math.max(most, states().filter((state) => state === 'running').length)
    }
    house.run()
    expect(most).toBe(2)
    expect(states()).toEqual(Array(5).fill('succeeded'))
    const ended = tasks.map((id) => house.task(id).endedAt!)
    expect(ended).toEqual(ended.toSorted((a, b) => a - b))
  })

  it('count a host as source and as target alike', () => {
    const { house } = queueOf(3)
    const free = house.addVm('free', 'host-3', 'datastore-1', 'running')
    const { taskId } = house.accepted((w, c) => decideMigrate(w, { vmId: free.id, targetId: 'host-1' }, c))
    house.step()
    // Its target is the source of the two that run.
    expect(house.task(taskId!).waiting).toMatchObject({ code: 'host_slot', host: { id: 'host-1' } })
  })

  it('are the cluster’s to set', () => {
    const { house, tasks } = queueOf(3)
    const cluster = house.world.tables.cluster.get('cluster-1')!
    const migrationLimits = { perHost: 9, perNetwork: 1, perDatastore: 9 }
    house.world.tables.cluster.set('cluster-1', { ...cluster, migrationLimits })
    house.step()
    expect(house.task(tasks[1]!).waiting).toMatchObject({ code: 'network_slot', limit: 1, ahead: ['vm1'] })
    house.run()
    expect(tasks.map((id) => house.task(id).state)).toEqual(Array(3).fill('succeeded'))
  })

  it('cancelling one that waits takes it out of the queue at once, and starts nothing', () => {
    const { house, tasks } = queueOf(4)
    house.step()
    house.accepted((w, c) => decideCancel(w, { taskId: tasks[2]! }, c))
    expect(house.task(tasks[2]!)).toMatchObject({ state: 'cancelled', outcome: { code: 'cancelled' } })
    const given = house.commands.filter(({ body }) => 'uuid' in body && body.uuid === house.vm('vm3')!.uuid)
    house.run()
    expect(given).toEqual([])
    expect(house.vm('vm3')!.hostId).toBe('host-1')
    expect(house.decide((w, c) => decideCancel(w, { taskId: tasks[2]! }, c))).toMatchObject({
      refusals: [{ code: 'task_ended', state: 'cancelled' }],
    })
  })

  it('write far fewer lines about a long queue than it has places', () => {
    const { house } = queueOf(30)
    house.run(5_000)
    const said = house.events.filter(({ kind }) => kind === 'task.waiting').length
    expect(said).toBeGreaterThan(28)
    expect(said).toBeLessThan(30 * 8)
  })
})

describe('a place in the queue', () => {
  const at = (ahead: number, name = 'esx-1') =>
    ({
      code: 'host_slot',
      host: { id: 'host-1', name },
      limit: 2,
      ahead: Array.from({ length: ahead }, (_, n) => `vm${n}`),
    }) as const

  it('is worth saying near the front, when it has halved, or for another reason', () => {
    expect(worthSaying(at(3), at(2))).toBe(true)
    expect(worthSaying(at(40), at(39))).toBe(false)
    expect(worthSaying(at(40), at(20))).toBe(true)
    expect(worthSaying(at(40), at(40, 'esx-2'))).toBe(true)
    expect(worthSaying(at(3), at(3))).toBe(false)
  })
})

import { labImpossible } from '@drover/harness/system'
import { isOpen, type Task } from '@drover/model'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../run'
import { createInstallation, type Installation } from './installation'
import { hostsConnected } from './join'
import { said } from './operator'
import { createVm, type LabVm } from './vm'

const MiB = 1024 ** 2
/** Slow enough for a live migration and a cold copy to be under way when something is killed. */
const link = ['rate', '90mbit', 'burst', '256kb', 'latency', '200ms']

/**
 * Something dies (kill -9) while three VMs are each at another step: one in its live migration, one being shut down for
 * a cold one, one having its disk copied. Whatever dies, in the end each of them exists once, with a whole disk, where
 * Drover says, and its task has said the truth about it.
 */
describe.skipIf(labImpossible())('killed in the middle', () => {
  let site: Installation
  let live: LabVm
  let deaf: LabVm
  let cold: LabVm
  const operator = () => site.operator

  beforeAll(async () => {
    site = await createInstallation({ name: 'crashes', hosts: 2 })
    const limits = { perHost: 4, perNetwork: 8, perDatastore: 8 }
    await operator().api.mutate('cluster.change', { clusterId: site.clusterId, migrationLimits: limits })
    ;[live, deaf, cold] = await Promise.all([
      createVm(operator(), { name: 'live', host: 'lab-1', memoryMiB: 192 }),
      createVm(operator(), { name: 'deaf', host: 'lab-1' }),
      createVm(operator(), { name: 'cold', host: 'lab-1', datastore: 'local' }),
    ])
    for (const vm of [live, deaf, cold]) await site.lab.guests.waitFor(vm.address)
    for (const host of site.lab.hosts)
      await host.exec('tc', ['qdisc', 'add', 'dev', 'mgmt0', 'root', 'tbf', ...link])
  })
  afterAll(() => site?.destroy())

  const homes = async () => {
    const { host, vm } = (await operator().snapshot()).rows
    return (name: string) => host.find(({ id }) => id === vm.find((one) => one.name === name)!.hostId)!.name
  }
  const otherThan = (name: string) => (name === 'lab-1' ? 'lab-2' : 'lab-1')

  async function order(vm: LabVm, more: object): Promise<string> {
    const target = otherThan((await homes())(vm.name))
    const { datastore, host } = (await operator().snapshot()).rows
    const targetId = host.find(({ name }) => name === target)!.id
    const own = datastore.find(({ name }) => name === target.replace('lab', 'local'))!.id
    const datastoreIds = vm === cold ? { datastoreIds: [own] } : {}
    return operator().order('vm.migrate', { vmId: vm.id, targetId, ...datastoreIds, ...more })
  }

  const stepRunning = (task: Task, name: string) =>
    task.steps.some((step) => step.name === name && step.state === 'running')

  /** All three at their steps at once: the tasks' ids. */
  async function allUnderWay(): Promise<[string, string, string]> {
    await site.lab.guests.command(deaf.address, 'deaf 1')
    const tasks = await Promise.all([
      order(live, { method: 'live', options: { bandwidthBytesPerSecond: 8 * MiB } }),
      order(deaf, { method: 'cold' }),
      order(cold, { method: 'cold' }),
    ])
    await until('all three are at their steps', 30_000, async () => {
      const [one, two, three] = await Promise.all(tasks.map((id) => operator().task(id)))
      return (
        stepRunning(one!, 'migrate') &&
        stepRunning(two!, 'shut down') &&
        stepRunning(three!, 'copy the disks')
      )
    })
    await until('the live one moves', 10_000, async () => (await operator().fraction(tasks[0]!)) > 0)
    return tasks as [string, string, string]
  }

  async function endsWithTheTruth(vm: LabVm, taskId: string, from: string): Promise<Task> {
    const task = await operator().ended(taskId, 90_000)
    const home = (await homes())(vm.name)
    const running = site.lab.whereIs(vm.uuid)
    expect(
      running.map(({ hostName }) => hostName),
      said(task),
    ).toEqual([home])
    expect(home, said(task)).toBe(task.state === 'succeeded' ? otherThan(from) : from)
    expect(isOpen(task)).toBe(false)
    expect(await operator().vm(vm.name)).toMatchObject({ power: 'running' })
    return task
  }

  async function survives(kill: (from: string) => Promise<void>): Promise<Task[]> {
    await hostsConnected(operator(), site.lab)
    for (const vm of [live, deaf, cold]) await site.lab.guests.waitFor(vm.address)
    const from = await homes()
    const before = new Map<string, { boot: string; diskCounter: number }>()
    for (const vm of [live, deaf, cold])
      before.set(vm.name, await site.lab.guests.status(vm.address, { timeoutMs: 3_000 }))
    const watch = await site.lab.guests.watch(live.address)
    const [liveTask, deafTask, coldTask] = await allUnderWay()

    await kill(from(live.name))

    // It is past its point of no return or it is not: let the guest obey now, so that this one ends too.
    await site.lab.guests.command(deaf.address, 'deaf 0').catch(() => {})
    const ended: Task[] = []
    ended.push(await endsWithTheTruth(live, liveTask, from('live')))
    const seen = await watch.stop()
    expect(seen).toMatchObject({ tickWentBack: 0, diskCounterWentBack: 0 })
    expect(seen.boots).toHaveLength(1)
    ended.push(await operator().ended(deafTask, 90_000), await operator().ended(coldTask, 90_000))
    for (const [vm, task] of [
      [deaf, ended[1]!],
      [cold, ended[2]!],
    ] as const) {
      // A cold migration that failed after the guest was shut down says so, and leaves it off where it was.
      if ((await operator().vm(vm.name)).power === 'off') {
        expect(task.state, said(task)).not.toBe('succeeded')
        expect(said(await operator().do('vm.start', { vmId: vm.id }))).toContain('succeeded')
      }
      await endsWithTheTruth(vm, task.id, from(vm.name))
      const status = await site.lab.guests.waitFor(vm.address)
      expect(status.diskErrors).toBe(0)
      expect(status.diskCounter).toBeGreaterThanOrEqual(before.get(vm.name)!.diskCounter)
    }
    for (const { hostName } of site.lab.hosts.flatMap((host) => host.qemuProcesses()))
      expect(['lab-1', 'lab-2']).toContain(hostName)
    expect(site.lab.hosts.flatMap((host) => host.qemuProcesses())).toHaveLength(3)
    const verdict = await operator().api.query<{ ok: boolean }>('event.verify')
    expect(verdict).toMatchObject({ ok: true })
    return ended
  }

  test('control', async () => {
    const [task] = await survives(async () => {
      await site.control.process.end('SIGKILL')
      await site.control.lead()
    })
    expect(said(task!)).toContain('succeeded')
  })

  test('PostgreSQL', async () => {
    const [task] = await survives(async () => {
      await site.postgres.crash()
      await new Promise((resolve) => setTimeout(resolve, 1_000))
      await site.postgres.restart()
    })
    expect(said(task!)).toContain('succeeded')
  })

  test('the agent of the source', async () => {
    const [task] = await survives(async (from) => {
      process.kill(site.lab.host(from).agentPid()!, 'SIGKILL')
    })
    expect(said(task!)).toContain('succeeded')
  })

  test('the agent of the target', async () => {
    const [task] = await survives(async (from) => {
      process.kill(site.lab.host(otherThan(from)).agentPid()!, 'SIGKILL')
    })
    expect(said(task!)).toContain('succeeded')
  })
})

import { existsSync } from 'node:fs'
import { labImpossible } from '@drover/harness/system'
import type { Task } from '@drover/model'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkDisk } from '../guest/ring'
import { until } from '../run'
import { createInstallation, type Installation } from './installation'
import { said } from './operator'
import { createVm, diskOf, type LabVm } from './vm'

const MiB = 1024 ** 2

describe.skipIf(labImpossible())('migration between real hosts', () => {
  let site: Installation
  /** On the shared datastore; on lab-1's own. */
  let web: LabVm
  let own: LabVm
  const operator = () => site.operator
  const whereIs = (vm: LabVm) => site.lab.whereIs(vm.uuid).map(({ hostName }) => hostName)
  const hostId = async (name: string) => (await operator().host(name)).id
  const homeOf = async (vm: LabVm) => {
    const { rows } = await operator().snapshot()
    return rows.host.find(({ id }) => id === rows.vm.find(({ id }) => id === vm.id)!.hostId)!.name
  }
  const orderMigration = async (vm: LabVm, to: string, more: object = {}) =>
    operator().order('vm.migrate', { vmId: vm.id, targetId: await hostId(to), ...more })
  /** To the datastore of the target's own, where the shared one would do too. */
  const ownDatastore = async (host: string) => {
    const { datastore } = (await operator().snapshot()).rows
    return { datastoreIds: [datastore.find(({ name }) => name === host.replace('lab', 'local'))!.id] }
  }
  const migrate = async (vm: LabVm, to: string, more: object = {}) =>
    operator().ended(await orderMigration(vm, to, more), 120_000)
  const underWay = (taskId: string) =>
    until('the migration is under way', 20_000, async () => {
      const { steps } = await operator().task(taskId)
      const moving = steps.find(({ name }) => name === 'migrate' || name === 'copy the disks')
      return moving?.state === 'running' && (await operator().fraction(taskId)) > 0.02
    })

  /** The guest is watched while `act` runs: no counter ever goes back, and it is still the same boot. */
  async function watched(vm: LabVm, act: () => Promise<Task>): Promise<Task> {
    const watch = await site.lab.guests.watch(vm.address)
    let task: Task
    try {
      task = await act()
      const { diskCounter } = await site.lab.guests.status(vm.address)
      await until(
        'the guest writes on',
        10_000,
        async () => (await site.lab.guests.status(vm.address)).diskCounter > diskCounter,
      )
    } finally {
      const seen = await watch.stop()
      expect(seen).toMatchObject({ tickWentBack: 0, diskCounterWentBack: 0 })
      expect(seen.boots).toHaveLength(1)
      expect(seen.last).toMatchObject({ memoryErrors: 0, diskErrors: 0 })
    }
    return task
  }

  beforeAll(async () => {
    site = await createInstallation({ name: 'moves', hosts: 3 })
    ;[web, own] = await Promise.all([
      createVm(operator(), { name: 'web', host: 'lab-1', memoryMiB: 192 }),
      createVm(operator(), { name: 'own', host: 'lab-1', datastore: 'local' }),
    ])
    for (const vm of [web, own]) await site.lab.guests.waitFor(vm.address)
  })
  afterAll(() => site?.destroy())

  test('live, under load: one QEMU, on the target, and nothing lost', async () => {
    await site.lab.guests.command(web.address, 'dirty 32 20')
    const task = await watched(web, () => migrate(web, 'lab-2'))
    expect(said(task)).toContain('succeeded')
    expect(whereIs(web)).toEqual(['lab-2'])
    expect(await homeOf(web)).toBe('lab-2')
    expect(task.outcome).toMatchObject({ code: 'migrated', method: 'live' })
    if (task.outcome?.code !== 'migrated') throw new Error('not migrated')
    expect(task.outcome.downtimeMs).toBeGreaterThan(0)
    expect(task.outcome.bytes).toBeGreaterThan(MiB)
    expect(await site.lab.host(1).virsh('list', '--all', '--name')).not.toContain(web.name)
    expect(await site.lab.host(2).virsh('list', '--all', '--persistent', '--name')).toContain(web.name)
  })

  test('to the best host when none is named', async () => {
    const task = await operator().do('vm.migrate', { vmId: web.id })
    expect(said(task)).toContain('succeeded')
    expect(whereIs(web)).toEqual([await homeOf(web)])
    expect(await homeOf(web)).not.toBe('lab-2')
  })

  test('every host is listed with its reasons against', async () => {
    const { targets } = await operator().api.query<{
      targets: { host: { name: string }; best: string | null; methods: { verdict: { ok: boolean } }[] }[]
    }>('vm.migrationTargets', { vmId: own.id })
    expect(targets.map(({ host }) => host.name).sort()).toEqual(['lab-1', 'lab-2', 'lab-3'])
    const of = (name: string) => targets.find(({ host }) => host.name === name)!
    expect(of('lab-1').best).toBeNull()
    expect(of('lab-2').best).toBe('live-with-disks')
  })

  test('live with its disk, between datastores of the hosts’ own', async () => {
    const before = await diskOf(operator(), site.lab, own.name)
    const to = await ownDatastore('lab-2')
    const task = await watched(own, () => migrate(own, 'lab-2', to))
    expect(said(task)).toContain('succeeded')
    expect(whereIs(own)).toEqual(['lab-2'])
    expect(existsSync(before)).toBe(false)
    const after = await diskOf(operator(), site.lab, own.name)
    expect(after).toContain(site.lab.host(2).localDir)
    expect(existsSync(after)).toBe(true)
  })

  test('cold, with its disk: copied with a checksum, started again where its counter was', async () => {
    const before = await site.lab.guests.status(own.address)
    const task = await migrate(own, 'lab-3', { method: 'cold', ...(await ownDatastore('lab-3')) })
    expect(said(task)).toContain('succeeded')
    expect(whereIs(own)).toEqual(['lab-3'])
    const after = await site.lab.guests.waitFor(own.address)
    expect(after.boot).not.toBe(before.boot)
    expect(after).toMatchObject({ diskErrors: 0 })
    expect(after.diskCounter).toBeGreaterThanOrEqual(before.diskCounter)
    for (const number of [1, 2])
      expect(await site.lab.host(number).virsh('list', '--all', '--name')).not.toContain(own.name)
  })

  test('a cold move of a VM that is off leaves it off, with a whole disk', async () => {
    const off = await operator().do('vm.shutdown', { vmId: own.id, deadlineMs: 30_000 })
    expect(said(off)).toContain('succeeded')
    const ring = await checkDisk(await diskOf(operator(), site.lab, own.name))
    const task = await migrate(own, 'lab-1', await ownDatastore('lab-1'))
    expect(said(task)).toContain('succeeded')
    expect(whereIs(own)).toEqual([])
    const disk = await diskOf(operator(), site.lab, own.name)
    expect(disk).toContain(site.lab.host(1).localDir)
    expect(await checkDisk(disk)).toEqual(ring)
    expect((await operator().vm(own.name)).power).toBe('off')
    expect(said(await operator().do('vm.start', { vmId: own.id }))).toContain('succeeded')
    await site.lab.guests.waitFor(own.address)
  })

  test('cancelled in the middle: it runs on where it was, and nothing is left on the target', async () => {
    const source = await homeOf(web)
    const target = source === 'lab-3' ? 'lab-2' : 'lab-3'
    const task = await watched(web, async () => {
      const taskId = await orderMigration(web, target, { options: { bandwidthBytesPerSecond: 4 * MiB } })
      await underWay(taskId)
      await operator().api.mutate('task.cancel', { taskId })
      return operator().ended(taskId)
    })
    expect(task).toMatchObject({ state: 'cancelled', outcome: { code: 'cancelled' } })
    expect(whereIs(web)).toEqual([source])
    expect(await homeOf(web)).toBe(source)
    expect(await site.lab.host(target).virsh('list', '--all', '--name')).not.toContain(web.name)
  })

  test('a bandwidth limit is kept to; a deadline ends what takes too long', async () => {
    const source = await homeOf(web)
    const target = source === 'lab-3' ? 'lab-2' : 'lab-3'
    const options = { bandwidthBytesPerSecond: 2 * MiB, deadlineMs: 3_000 }
    const task = await watched(web, () => migrate(web, target, { options }))
    expect(task).toMatchObject({ state: 'failed', outcome: { code: 'still_at_source' } })
    expect(task.endedAt! - task.startedAt!).toBeGreaterThan(2_500)
    expect(task.endedAt! - task.startedAt!).toBeLessThan(12_000)
    expect(whereIs(web)).toEqual([source])
  })

  test('post-copy ends what pre-copy would not', async () => {
    const source = await homeOf(web)
    const target = source === 'lab-3' ? 'lab-2' : 'lab-3'
    await site.lab.guests.command(web.address, 'dirty 64 60')
    const options = { bandwidthBytesPerSecond: 16 * MiB, postCopy: true, autoConverge: false }
    const task = await watched(web, () => migrate(web, target, { options }))
    await site.lab.guests.command(web.address, 'dirty 0 0')
    expect(said(task)).toContain('succeeded')
    expect(whereIs(web)).toEqual([target])
  })

  test('a second migration of the same VM is refused, and names the first', async () => {
    const source = await homeOf(web)
    const target = source === 'lab-3' ? 'lab-2' : 'lab-3'
    const taskId = await orderMigration(web, target, { options: { bandwidthBytesPerSecond: 16 * MiB } })
    await expect(orderMigration(web, target)).rejects.toThrow(/migrat/)
    expect(said(await operator().ended(taskId))).toContain('succeeded')
    expect(whereIs(web)).toEqual([target])
  })
})

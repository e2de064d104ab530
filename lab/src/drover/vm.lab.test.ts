import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { labImpossible } from '@drover/harness/system'
import { isOpen, sayEvent, type Vm } from '@drover/model'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createGuest } from '../guest/create'
import { checkDisk } from '../guest/ring'
import { until } from '../run'
import { createInstallation, type Installation } from './installation'
import { said } from './operator'
import { createVm, diskOf, type LabVm } from './vm'

const MiB = 1024 ** 2

describe.skipIf(labImpossible())('VMs on real hosts', () => {
  let site: Installation
  let vm: LabVm
  const operator = () => site.operator
  const power = async () => (await operator().vm(vm.name)).power
  const guest = () => site.lab.guests.status(vm.address)
  const order = async (verb: string, more: object = {}) => {
    const task = await operator().do(`vm.${verb}`, { vmId: vm.id, ...more })
    expect(said(task)).toContain('succeeded')
  }

  beforeAll(async () => {
    site = await createInstallation({ name: 'vms', hosts: 2 })
    vm = await createVm(operator(), { name: 'web', host: 'lab-1' })
    await site.lab.guests.waitFor(vm.address)
  })
  afterAll(() => site?.destroy())

  test('a VM from an image ticks and writes, where Drover says that it runs', async () => {
    const first = await guest()
    expect(first).toMatchObject({ uuid: vm.uuid, diskErrors: 0, cpus: 1 })
    await until('its disk counter moves', 10_000, async () => (await guest()).diskCounter > first.diskCounter)
    expect(site.lab.whereIs(vm.name).map(({ hostName }) => hostName)).toEqual(['lab-1'])
    const row = await operator().vm('web')
    expect(row).toMatchObject({ power: 'running', vcpus: 1, memoryBytes: 96 * MiB })
    expect(existsSync(await diskOf(operator(), site.lab, 'web'))).toBe(true)
  })

  test('usage of host and VM arrives with the heartbeats', async () => {
    const { id } = await operator().host('lab-1')
    const usage = await until('the usage of host and VM', 10_000, async () => {
      const { hosts, vms } = (await operator().snapshot()).usage
      const [host, figures] = [hosts[id], vms[vm.id]]
      return host && figures ? { host, vm: figures } : undefined
    })
    expect(usage.host.memoryUsedBytes).toBeGreaterThan(10 * MiB)
    expect(usage.vm[1]).toBeGreaterThan(10 * MiB)
  })

  test('a suspended guest stands still, and goes on where it was', async () => {
    const before = await guest()
    await order('suspend')
    expect(await power()).toBe('paused')
    await expect(guest()).rejects.toThrow()
    await order('resume')
    const after = await guest()
    expect(after.boot).toBe(before.boot)
    expect(after.tick).toBeGreaterThanOrEqual(before.tick)
  })

  test('reboot and reset each end in a new boot, in which the disk is whole', async () => {
    for (const verb of ['reboot', 'reset']) {
      const before = await guest()
      await order(verb)
      const after = await until('a new boot', 30_000, async () => {
        const status = await guest().catch(() => undefined)
        return status && status.boot !== before.boot && status
      })
      expect(after).toMatchObject({ diskErrors: 0 })
      expect(after.diskCounter).toBeGreaterThanOrEqual(before.diskCounter)
      expect(await power()).toBe('running')
    }
  })

  test('a guest that is asked to shut down does; one that is deaf is left running until it is stopped hard', async () => {
    await order('shutdown', { deadlineMs: 30_000 })
    expect(await power()).toBe('off')
    expect(site.lab.whereIs(vm.name)).toEqual([])
    await order('start')
    await site.lab.guests.waitFor(vm.address)
    await site.lab.guests.command(vm.address, 'deaf 1')
    const ignored = await operator().do('vm.shutdown', { vmId: vm.id, deadlineMs: 2_000 })
    expect(ignored).toMatchObject({ state: 'failed', outcome: { code: 'shutdown_ignored' } })
    expect(await power()).toBe('running')
    await order('stop')
    expect(await power()).toBe('off')
    expect(site.lab.whereIs(vm.name)).toEqual([])
  })

  test('vCPUs and memory are changed while it is off, and the guest has them then', async () => {
    await order('start')
    const { memoryBytes } = await site.lab.guests.waitFor(vm.address)
    await order('stop')
    await order('change', { changes: { vcpus: 2, memoryBytes: 128 * MiB, notes: 'grown' } })
    await order('start')
    const status = await site.lab.guests.waitFor(vm.address)
    expect(status.cpus).toBe(2)
    expect(status.memoryBytes).toBeGreaterThan(memoryBytes + 25 * MiB)
    await expect(operator().order('vm.change', { vmId: vm.id, changes: { vcpus: 1 } })).rejects.toThrow(
      /running/,
    )
    expect(await operator().vm('web')).toMatchObject({ vcpus: 2, notes: 'grown' })
  })

  describe('behind our back', () => {
    /** Within two seconds of `act`, the VM satisfies `shows`, and an event from outside tells of it. */
    async function seen(act: () => Promise<unknown>, shows: (vm: Vm) => boolean): Promise<void> {
      const lastSeq = (await operator().events()).at(-1)!.seq
      await act()
      const doneAt = Date.now()
      await until('Drover shows it', 10_000, async () => shows(await operator().vm(vm.name)))
      expect(Date.now() - doneAt).toBeLessThan(2_000)
      const events = (await operator().events(vm.id)).filter(({ seq }) => seq > lastSeq)
      expect(events.map(({ body }) => sayEvent(body)).join('\n')).not.toBe('')
      expect(events.filter(({ body }) => 'outside' in body && body.outside).length).toBeGreaterThan(0)
    }

    test('stopped, started, suspended and resumed', async () => {
      const host = site.lab.host(1)
      await seen(
        () => host.virsh('destroy', vm.name),
        ({ power }) => power === 'off',
      )
      await seen(
        () => host.virsh('start', vm.name),
        ({ power }) => power === 'running',
      )
      await seen(
        () => host.virsh('suspend', vm.name),
        ({ power }) => power === 'paused',
      )
      await seen(
        () => host.virsh('resume', vm.name),
        ({ power }) => power === 'running',
      )
    })

    test('migrated', async () => {
      await site.lab.guests.waitFor(vm.address)
      const target = await operator().host('lab-2')
      const flags = ['--live', '--p2p', '--persistent', '--undefinesource', '--unsafe']
      await seen(
        () => site.lab.host(1).virsh('migrate', ...flags, vm.name, site.lab.host(2).libvirtUri),
        ({ hostId }) => hostId === target.id,
      )
    })

    test('its process killed: it is told, and the VM is started again', async () => {
      const { pid } = site.lab.whereIs(vm.name)[0]!
      const killedAt = Date.now()
      process.kill(pid, 'SIGKILL')
      await until('history says that it ended', 2_000, async () =>
        (await operator().events(vm.id)).some(
          ({ at, body }) =>
            at >= killedAt && body.kind === 'vm.power' && (body.to === 'crashed' || body.to === 'off'),
        ),
      )
      await until('it runs in another process', 30_000, async () => {
        const [now] = site.lab.whereIs(vm.name)
        return now && now.pid !== pid && (await operator().vm(vm.name)).power === 'running'
      })
      await site.lab.guests.waitFor(vm.address)
    })
  })

  test('a VM made at the hypervisor is adopted, and can be used like any other', async () => {
    const own = await createGuest(site.lab, site.lab.host(2), { name: 'made-by-hand', number: 31 })
    await site.lab.host(2).virsh('start', own.name)
    const adopted = await until('it is adopted', 5_000, () => operator().findVm(own.name))
    expect(adopted).toMatchObject({ uuid: own.uuid, memoryBytes: 96 * MiB })
    await until('it is seen running', 5_000, async () => (await operator().vm(own.name)).power === 'running')
    const task = await operator().do('vm.stop', { vmId: adopted.id })
    expect(said(task)).toContain('succeeded')
    expect(site.lab.whereIs(own.name)).toEqual([])
  })

  test('refusals come all at once, and change nothing', async () => {
    const target = (await operator().host('lab-2')).id
    const lastTask = (await operator().snapshot()).rows.task.length
    await expect(operator().order('vm.start', { vmId: vm.id })).rejects.toThrow(/running/)
    await expect(operator().order('vm.migrate', { vmId: vm.id, targetId: target })).rejects.toThrow(/lab-2/)
    await expect(operator().order('vm.delete', { vmId: vm.id, confirmName: 'wrong' })).rejects.toThrow(/web/)
    await expect(operator().order('vm.start', { vmId: 'vm-9999' })).rejects.toThrow(/vm-9999|no VM|not/)
    const { task } = (await operator().snapshot()).rows
    expect(task).toHaveLength(lastTask)
    expect(task.filter(isOpen)).toEqual([])
  })

  test('a deleted VM is gone from host and datastore', async () => {
    const disk = await diskOf(operator(), site.lab, 'web')
    await order('stop')
    expect(await checkDisk(disk)).toMatchObject({ bad: 0, holes: 0 })
    await order('delete', { confirmName: 'web' })
    expect(await operator().findVm('web')).toBeUndefined()
    expect(existsSync(disk)).toBe(false)
    expect(existsSync(dirname(disk))).toBe(false)
    for (const host of site.lab.hosts)
      expect(await host.virsh('list', '--all', '--name')).not.toContain('web')
  })
})

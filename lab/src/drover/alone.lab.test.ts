import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { labImpossible } from '@drover/harness/system'
import { type Beat, selfFencedAt } from '@drover/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../run'
import { createInstallation, type Installation } from './installation'
import { createVm, type LabVm } from './vm'

const leaseMs = 30_000

/** What a host does by itself when it is alone, by its real agent. */
describe.skipIf(labImpossible())('a host that is alone', () => {
  let site: Installation
  let vm: LabVm
  const copies = () => site.lab.whereIs(vm.uuid).length

  beforeAll(async () => {
    site = await createInstallation({ name: 'alone', hosts: 2 })
    vm = await createVm(site.operator, { name: 'web', host: 'lab-1' })
    await site.lab.guests.waitFor(vm.address)
  })
  afterAll(() => site?.destroy())

  async function beat(): Promise<Beat | null> {
    const { id } = await site.operator.host('lab-1')
    const path = join(site.lab.sharedDir, '.drover/beats', `${id}.json`)
    return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Beat) : null
  }

  test('writes its heartbeat every second, with what it runs', async () => {
    const first = await until('there is a heartbeat', 10_000, async () => (await beat()) ?? undefined)
    const next = await until('it moves', 5_000, async () => {
      const now = await beat()
      return now && now.n > first.n ? now : undefined
    })
    expect(next.n - first.n).toBeLessThan(3_000)
    await until('it tells of the VM', 10_000, async () => (await beat())?.running?.includes(vm.uuid))
    expect(next.alone).toBe(false)
  })

  test('says so while it has storage, and its VMs run on', async () => {
    const host = site.lab.host(1)
    await host.cut('management')
    await until('it says that it is alone', 10_000, async () => (await beat())?.alone)
    expect(copies()).toBe(1)
    await host.plug('management')
    await until('control is heard again', 20_000, async () => (await beat())?.alone === false)
  })

  test('stops everything at the end of the lease, when storage is gone as well, and not before', async () => {
    const host = site.lab.host(1)
    const began = Date.now()
    await host.unplugStorage()
    await host.cut('management')
    const { n } = (await beat())!
    expect(copies()).toBe(1)
    await until('nothing runs', selfFencedAt(began, leaseMs) - Date.now(), () => copies() === 0, 100)
    expect(Date.now() - began).toBeGreaterThan(leaseMs - 2_000)
    expect((await beat())!.n).toBeLessThanOrEqual(n)
    await host.plugStorage()
    await host.plug('management')
  })
})

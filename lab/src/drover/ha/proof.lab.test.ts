import { labImpossible } from '@drover/harness/system'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../../run'
import {
  allRunOnce,
  bringBack,
  createHaSite,
  disksAtRest,
  faults,
  type HaSite,
  hostIs,
  statuses,
  storyTold,
} from './site'

const leaseMs = 12_000

/** The BMC dies with its host, as it does when the power of both is one. Nothing starts before something proves the death. */
describe.skipIf(labImpossible())('a host whose BMC is dead too', () => {
  let site: HaSite

  beforeAll(async () => {
    site = await createHaSite({
      name: 'ha-proof',
      hosts: 3,
      vms: [1, 2],
      ha: { leaseMs, selfFenceProof: 'agent' },
      deviceTimeoutMs: 4_000,
    })
  })
  afterAll(() => site?.destroy())

  const waitingForProof = (name: string) =>
    until(`${name} is waited for: nothing proves it`, 150_000, async () => {
      const { rows } = await site.operator.snapshot()
      return rows.task.find(({ waiting }) => waiting?.code === 'proof' && waiting.host.name === name)
    })

  test('its VMs start when its own deadline has passed, and not sooner', async () => {
    const vm = site.vms[0]!
    const before = await statuses(site, site.vms)
    const host = site.lab.host(await site.home(vm))
    await host.bmc.stop()
    // Alone, but alive: no control, no storage, nobody to switch it off. Its agent is the only one who can end its VMs.
    await host.cut('management')
    await host.unplugStorage()
    const cutAt = Date.now()
    await hostIs(site, host.name, ['fencing'], 40_000)
    const fenced = await hostIs(site, host.name, ['fenced'], 90_000)
    expect(fenced.proof).toMatchObject({ by: 'self_fence' })
    expect(fenced.proof!.at - cutAt).toBeGreaterThan(leaseMs)
    // Its agent has kept its word before control relied on it.
    expect(host.qemuProcesses()).toEqual([])
    await allRunOnce(site, [vm], [host.name], 40_000)
    await storyTold(site, host.name, 20_000)
    await host.plugStorage()
    await host.plug('management')
    await host.bmc.start()
    await bringBack(site, host.name)
    expect(await faults(site, before)).toEqual([])
  })

  test('a person says that it is off, by name, and only then its VMs start', async () => {
    const vm = site.vms[1]!
    const before = await statuses(site, site.vms)
    const host = site.lab.host(await site.home(vm))
    await site.operator.api.mutate('cluster.changeHa', {
      clusterId: site.clusterId,
      changes: { leaseMs: 600_000 },
    })
    await host.bmc.stop()
    await host.powerOff()
    await waitingForProof(host.name)
    expect(site.lab.whereIs(vm.uuid)).toEqual([])
    const row = await site.operator.host(host.name)
    await expect(
      site.operator.api.mutate('host.confirmOff', { hostId: row.id, confirmName: 'another' }),
    ).rejects.toThrow(/type the name/)
    await site.operator.api.mutate('host.confirmOff', { hostId: row.id, confirmName: host.name })
    const fenced = await hostIs(site, host.name, ['fenced'], 10_000)
    expect(fenced.proof).toMatchObject({ by: 'person', person: 'admin' })
    await allRunOnce(site, [vm], [host.name], 40_000)
    await host.bmc.start()
    await bringBack(site, host.name)
    expect(await faults(site, before)).toEqual([])
  })

  test('a datastore is unplugged under a running host: its guests stand still, nothing starts twice, and it is told', async () => {
    const vm = site.vms[0]!
    const before = await statuses(site, site.vms)
    const home = site.lab.host(await site.home(vm))
    await home.unplugStorage()
    await until('an alarm names the datastore', 40_000, async () => {
      const { rows } = await site.operator.snapshot()
      return rows.alarm.some(({ code, clearedAt }) => code === 'datastore_unreachable' && clearedAt === null)
    })
    expect(site.lab.whereIs(vm.uuid).length).toBeLessThanOrEqual(1)
    await home.plugStorage()
    await bringBack(site, home.name)
    await allRunOnce(site, site.vms, [], 60_000)
    expect(await faults(site, before)).toEqual([])
  })

  test('in the end every disk is whole', async () => {
    expect(await disksAtRest(site)).toEqual([])
  })
})

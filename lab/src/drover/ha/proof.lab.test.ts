import { labImpossible } from '@drover/harness/system'
import { selfFencedAt } from '@drover/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../../run'
import type { LabHost } from '../../types'
import type { LabVm } from '../vm'
import { allRunOnce, bringBack, createHaSite, disksAtRest, type HaSite, hostIs } from './site'
import { fencedMarks, gapsIn, storyClosed, storyOf, storyOfKind, storyTold } from './story'
import { keepVigil } from './vigil'

const leaseMs = 12_000
/** The last contact was so long before the cut, at most. */
const heartbeatMs = 1_500

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

  /** The host of a VM, and all that run there. */
  async function homeOf(vm: LabVm): Promise<{ host: LabHost; there: LabVm[] }> {
    const name = await site.home(vm)
    const homes = await Promise.all(site.vms.map(site.home))
    return { host: site.lab.host(name), there: site.vms.filter((_, i) => homes[i] === name) }
  }

  /** The host is back, and its incident tells everything of its VMs. */
  async function toldWhole(name: string, vms: LabVm[]): Promise<void> {
    await bringBack(site, name)
    const story = await storyClosed(name, () => storyOf(site, name))
    const names = vms.map((vm) => vm.name)
    expect(gapsIn(story, fencedMarks, names)).toEqual([])
  }

  test('its VMs start when its own deadline has passed, and not sooner', async () => {
    const vm = site.vms[0]!
    const vigil = await keepVigil(site)
    const { host, there } = await homeOf(vm)
    await host.bmc.stop()
    // Alone, but alive: no control, no storage, nobody to switch it off. Its agent is the only one who can end its VMs.
    await host.cut('management')
    await host.unplugStorage()
    const cutAt = Date.now()
    await hostIs(site, host.name, ['fencing'], 40_000)
    const fenced = await hostIs(site, host.name, ['fenced'], 90_000)
    expect(fenced.proof).toMatchObject({ by: 'self_fence' })
    expect(fenced.proof!.at).toBeGreaterThanOrEqual(selfFencedAt(cutAt - heartbeatMs, leaseMs))
    // Its agent has kept its word before control relied on it.
    expect(host.qemuProcesses()).toEqual([])
    await allRunOnce(site, there, [host.name], 40_000)
    for (const one of there) expect(vigil.startedAt(one)).toBeGreaterThan(fenced.proof!.at)
    await storyTold(site, host.name, 20_000)
    await host.plugStorage()
    await host.plug('management')
    await host.bmc.start()
    await toldWhole(host.name, there)
    expect(await vigil.end()).toEqual([])
  })

  test('a person says that it is off, by name, and only then its VMs start', async () => {
    const vm = site.vms[1]!
    const vigil = await keepVigil(site)
    const { host, there } = await homeOf(vm)
    await site.operator.api.mutate('cluster.changeHa', {
      clusterId: site.clusterId,
      changes: { leaseMs: 600_000 },
    })
    await host.bmc.stop()
    await host.powerOff()
    await waitingForProof(host.name)
    expect(vigil.startedAt(vm)).toBeUndefined()
    const row = await site.operator.host(host.name)
    await expect(
      site.operator.api.mutate('host.confirmOff', { hostId: row.id, confirmName: 'another' }),
    ).rejects.toThrow(/type the name/)
    const saidAt = Date.now()
    expect(vigil.startedAt(vm)).toBeUndefined()
    await site.operator.api.mutate('host.confirmOff', { hostId: row.id, confirmName: host.name })
    const fenced = await hostIs(site, host.name, ['fenced'], 10_000)
    expect(fenced.proof).toMatchObject({ by: 'person', person: 'admin' })
    await allRunOnce(site, there, [host.name], 40_000)
    for (const one of there) expect(vigil.startedAt(one)).toBeGreaterThan(saidAt)
    await storyTold(site, host.name, 20_000)
    await host.bmc.start()
    await toldWhole(host.name, there)
    expect(await vigil.end()).toEqual([])
  })

  test('a datastore is unplugged under a running host: its guest stands still, is stopped there, and goes on elsewhere', async () => {
    const vm = site.vms[0]!
    const vigil = await keepVigil(site)
    const { host: home, there } = await homeOf(vm)
    await home.unplugStorage()
    const alarm = await until('an alarm tells of the datastore', 40_000, async () => {
      const { rows } = await site.operator.snapshot()
      return rows.alarm.find(({ code, clearedAt }) => code === 'datastore_unreachable' && clearedAt === null)
    })
    expect(alarm.text).toContain('shared')
    await allRunOnce(site, there, [home.name], 60_000)
    for (const one of there) expect(vigil.startedAt(one)).toBeGreaterThan(alarm.raisedAt)
    expect(home.isOn()).toBe(true)
    expect((await site.operator.host(home.name)).state).toBe('connected')
    await home.plugStorage()
    const story = await storyClosed('the datastore', () => storyOfKind(site, 'datastore'))
    const marks = ['decided', 'first VM running', 'all VMs running', 'closed'] as const
    const names = there.map(({ name }) => name)
    expect(gapsIn(story, marks, names)).toEqual([])
    expect(await vigil.end()).toEqual([])
  })

  test('in the end every disk is whole', async () => {
    expect(await disksAtRest(site)).toEqual([])
  })
})

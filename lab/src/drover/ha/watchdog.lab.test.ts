import { labImpossible } from '@drover/harness/system'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../../run'
import { agentOn } from '../join'
import { said } from '../operator'
import { allRunOnce, bringBack, createHaSite, disksAtRest, type HaSite, hostIs } from './site'
import { gapsIn, storyClosed, storyOf } from './story'
import { keepVigil } from './vigil'

/** A host's watchdog needs ten seconds; what it resets is back a second later. */
const resetMs = 10_000

/** Hosts whose watchdog is fed by their agents, and a host that is rebooted on purpose through its BMC. */
describe.skipIf(labImpossible())('a host with a watchdog', () => {
  let site: HaSite

  beforeAll(async () => {
    site = await createHaSite({
      name: 'ha-watchdog',
      hosts: 3,
      vms: [1, 2],
      watchdogs: true,
      deviceTimeoutMs: 4_000,
    })
  })
  afterAll(() => site?.destroy())

  const bootOf = async (name: string) => (await site.operator.host(name)).facts!.bootId

  test('says so, and a deadline of its own counts', async () => {
    for (const { name } of site.lab.hosts)
      expect((await site.operator.host(name)).facts!.selfFence).toMatchObject({ watchdog: true })
  })

  test('hangs, and its BMC is dead: it is reset, that proves its death, and its VMs run again once', async () => {
    const vm = site.vms[0]!
    const host = site.lab.host(await site.home(vm))
    const vigil = await keepVigil(site)
    const before = await bootOf(host.name)
    await host.bmc.stop()
    const hungAt = Date.now()
    host.freeze()
    await until('its watchdog has reset it', resetMs + 5_000, () => host.qemuProcesses().length === 0)
    expect(Date.now() - hungAt).toBeGreaterThan(resetMs - 2_000)
    await allRunOnce(site, [vm], [], 60_000)
    expect(vigil.startedAt(vm)).toBeGreaterThan(hungAt)
    await host.bmc.start()
    await bringBack(site, host.name)
    expect(await bootOf(host.name)).not.toBe(before)
    const story = await storyClosed(host.name, () => storyOf(site, host.name))
    expect(story.proof).toMatchObject({ by: 'reboot' })
    const marks = story.marks.map(({ mark }) => mark)
    expect(marks).toEqual(expect.arrayContaining(['suspect', 'decided', 'proven off', 'all VMs running']))
    expect(gapsIn(story, [...new Set(marks)], [vm.name])).toEqual([])
    expect(await vigil.end()).toEqual([])
  })

  test('lets go of it when its agent is stopped in an orderly way: the host is left alone, its VMs run on', async () => {
    const vm = site.vms[1]!
    const host = site.lab.host(await site.home(vm))
    const vigil = await keepVigil(site)
    const before = await bootOf(host.name)
    await host.stopAgent()
    const stoppedAt = Date.now()
    await hostIs(site, host.name, ['unwatched'], 15_000)
    await until('a watchdog would have struck', resetMs + 5_000, () => {
      expect(host.qemuProcesses().map(({ uuid }) => uuid)).toContain(vm.uuid)
      return Date.now() - stoppedAt > resetMs + 3_000
    })
    await host.startAgent([...agentOn(host, site.agent), 'run'])
    await hostIs(site, host.name, ['connected'], 20_000)
    expect(await bootOf(host.name)).toBe(before)
    expect(vigil.startedAt(vm)).toBeUndefined()
    expect(await vigil.end()).toEqual([])
  })

  test('is rebooted through its BMC by order: its VMs are elsewhere before, live, and nothing is taken for a failure', async () => {
    const vm = site.vms[1]!
    const name = await site.home(vm)
    const { id } = await site.operator.host(name)
    const before = await bootOf(name)
    const watch = await site.lab.guests.watch(vm.address, { intervalMs: 50 })
    const told = (await site.operator.snapshot()).rows.incident.length
    const order = { hostId: id, reboot: true, guests: 'evacuate', confirmName: name }
    expect(said(await site.operator.do('host.shutdown', order, 120_000))).toMatch(/^succeeded/)
    await hostIs(site, name, ['connected'], 40_000)
    expect(await bootOf(name)).not.toBe(before)
    const { boots, tickWentBack, diskCounterWentBack } = await watch.stop()
    expect(boots).toHaveLength(1)
    expect([tickWentBack, diskCounterWentBack]).toEqual([0, 0])
    const host = await site.operator.host(name)
    expect(host).toMatchObject({ mode: 'normal', incidentId: null, lostAt: [] })
    expect((await site.operator.snapshot()).rows.incident).toHaveLength(told)
    await allRunOnce(site, site.vms, [], 20_000)
  })

  test('in the end every disk is whole', async () => {
    expect(await disksAtRest(site)).toEqual([])
  })
})

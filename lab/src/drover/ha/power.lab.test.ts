import { labImpossible } from '@drover/harness/system'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../../run'
import { allRunOnce, bringBack, createHaSite, disksAtRest, type HaSite, hostIs, statuses } from './site'
import {
  diedMarks,
  fencedMarks,
  gapsIn,
  isolatedMarks,
  storyClosed,
  storyOf,
  storyOfKind,
  storyTold,
} from './story'
import { keepVigil } from './vigil'

/**
 * Hosts with a BMC die in every way that there is, and each time: one running copy of each VM, no disk that went back,
 * a story that is complete. The tests share one data centre and leave it whole for the next.
 */
describe.skipIf(labImpossible())('a host with a BMC', () => {
  let site: HaSite

  beforeAll(async () => {
    site = await createHaSite({ name: 'ha-power', hosts: 3, vms: [1, 1, 2] })
  })
  afterAll(() => site?.destroy())

  /** The host that has most VMs now, and those VMs. */
  async function fullest(): Promise<{ name: string; vms: HaSite['vms'] }> {
    const homes = new Map<string, HaSite['vms']>()
    for (const vm of site.vms) {
      const home = await site.home(vm)
      homes.set(home, [...(homes.get(home) ?? []), vm])
    }
    const [name, vms] = [...homes].sort((a, b) => b[1].length - a[1].length)[0]!
    return { name, vms }
  }

  /** The host is back, and its incident tells everything of these VMs. */
  async function toldWhole(name: string, marks: typeof diedMarks, vms: HaSite['vms']): Promise<void> {
    await bringBack(site, name)
    const story = await storyClosed(name, () => storyOf(site, name))
    const names = vms.map((vm) => vm.name)
    expect(gapsIn(story, marks, names)).toEqual([])
  }

  /** Nothing was switched off, started or moved for the sake of a failure since then. */
  async function nothingDone(since: number): Promise<void> {
    const { rows } = await site.operator.snapshot()
    const done = rows.task.filter(
      ({ createdAt, initiator }) => createdAt >= since && initiator.kind === 'drover',
    )
    expect(done.map(({ kind, vmName, host }) => `${kind} ${vmName || host?.name}`)).toEqual([])
    for (const host of site.lab.hosts) expect(host.isOn(), host.name).toBe(true)
  }

  /** Looks again and again for so long: it stays as it is. */
  async function lasts(ms: number, is: () => Promise<void>): Promise<void> {
    const until = Date.now() + ms
    do {
      await is()
      await new Promise((resolve) => setTimeout(resolve, 500))
    } while (Date.now() < until)
  }

  test('power loss: proven by its BMC, its VMs run elsewhere, and the story says how long each thing took', async () => {
    const { name, vms } = await fullest()
    const vigil = await keepVigil(site)
    await site.lab.host(name).powerOff()
    const fenced = await hostIs(site, name, ['fenced'], 20_000)
    expect(fenced.proof).toMatchObject({ by: 'device' })
    await allRunOnce(site, vms, [name], 30_000)
    for (const vm of vms) expect(vigil.startedAt(vm)).toBeGreaterThan(fenced.proof!.at)
    await storyTold(site, name, 20_000)
    expect(await vigil.end()).toEqual([])
    await toldWhole(name, diedMarks, vms)
  })

  test('a hung host is fenced: it cannot write to a disk any more when its VMs start elsewhere', async () => {
    const { name, vms } = await fullest()
    const vigil = await keepVigil(site)
    const host = site.lab.host(name)
    host.freeze()
    const fenced = await hostIs(site, name, ['fenced'], 40_000)
    expect(fenced.proof).toMatchObject({ by: 'device' })
    expect(host.isOn()).toBe(false)
    await allRunOnce(site, vms, [name], 30_000)
    await storyTold(site, name, 20_000)
    expect(await vigil.end()).toEqual([])
    await toldWhole(name, fencedMarks, vms)
  })

  test('a device that lies is not believed: nothing starts until the power is really off', async () => {
    const { name, vms } = await fullest()
    const vigil = await keepVigil(site)
    const host = site.lab.host(name)
    const { id } = await site.operator.host(name)
    host.bmc.lie(true)
    host.freeze()
    await hostIs(site, name, ['fencing'], 30_000)
    // It has said OK to at least one order, and its state says that the power is on.
    await until('the device was told to switch off, and says on', 30_000, async () => {
      const events = await site.operator.events(id)
      return events.some(
        ({ body }) => body.kind === 'fence.answered' && body.asked === 'switch off' && body.power === 'on',
      )
    })
    expect((await site.operator.host(name)).state).toBe('fencing')
    for (const vm of vms) expect(site.lab.whereIs(vm.uuid).map(({ hostName }) => hostName)).toEqual([name])
    const honestAt = Date.now()
    host.bmc.lie(false)
    const fenced = await hostIs(site, name, ['fenced'], 60_000)
    expect(fenced.proof!.at).toBeGreaterThan(honestAt)
    await allRunOnce(site, vms, [name], 30_000)
    for (const vm of vms) expect(vigil.startedAt(vm)).toBeGreaterThan(honestAt)
    await storyTold(site, name, 20_000)
    expect(await vigil.end()).toEqual([])
    await toldWhole(name, fencedMarks, vms)
  })

  test('control is killed between the fence and the restart: the next one goes on, and nothing starts twice', async () => {
    const { name, vms } = await fullest()
    const vigil = await keepVigil(site)
    site.lab.host(name).freeze()
    await until('the power is off', 40_000, () => !site.lab.host(name).isOn(), 5)
    await site.control.process.end('SIGKILL')
    const killedAt = Date.now()
    for (const vm of vms) expect(site.lab.whereIs(vm.uuid), `${vm.name} has not been started yet`).toEqual([])
    await site.control.lead()
    await hostIs(site, name, ['fenced'], 40_000)
    await allRunOnce(site, vms, [name], 40_000)
    for (const vm of vms) expect(vigil.startedAt(vm)).toBeGreaterThan(killedAt)
    await storyTold(site, name, 20_000)
    expect(await vigil.end()).toEqual([])
    await toldWhole(name, fencedMarks, vms)
  })

  test('two of three hang at once: nobody is fenced, somebody is told, and nothing is lost when they go on', async () => {
    const vigil = await keepVigil(site)
    const names = ['lab-1', 'lab-2']
    const since = Date.now()
    for (const name of names) site.lab.host(name).freeze()
    const alarm = await until('an alarm says why nobody is fenced', 30_000, async () => {
      const { rows } = await site.operator.snapshot()
      return rows.alarm.find(({ code, clearedAt }) => code === 'storm' && clearedAt === null)
    })
    for (const name of names) expect(alarm.text).toContain(name)
    // Each alone would be fenced after eight seconds.
    await lasts(since + 15_000 - Date.now(), () => nothingDone(since))
    for (const name of names) site.lab.host(name).thaw()
    for (const name of names) await hostIs(site, name, ['connected'], 40_000)
    await until('the alarm is over', 30_000, async () => {
      const { rows } = await site.operator.snapshot()
      return rows.alarm.every(({ code, clearedAt }) => code !== 'storm' || clearedAt !== null)
    })
    await nothingDone(since)
    for (const vm of site.vms) expect(vigil.startedAt(vm), `${vm.name} was not started again`).toBeUndefined()
    expect(await vigil.end()).toEqual([])
    const storm = await storyClosed('the storm', () => storyOfKind(site, 'storm'))
    expect(gapsIn(storm, ['decided', 'closed'], [])).toEqual([])
    for (const name of names) await toldWhole(name, isolatedMarks, [])
  })

  test('the management network is cut, the storage lives: the host is isolated, and nothing restarts', async () => {
    const { name, vms } = await fullest()
    const vigil = await keepVigil(site)
    const host = site.lab.host(name)
    const since = Date.now()
    await host.cut('management')
    const isolated = await hostIs(site, name, ['isolated'], 30_000)
    expect(isolated.proof).toBeNull()
    expect((await storyOf(site, name))?.finding).toBe('isolated')
    const during = await statuses(site, vms)
    await lasts(10_000, async () => {
      expect((await site.operator.host(name)).state).toBe('isolated')
      await nothingDone(since)
    })
    const later = await statuses(site, vms)
    for (const vm of vms) {
      const { tick, diskCounter } = during.get(vm.name)!
      expect(later.get(vm.name)!.tick, `${vm.name} runs on`).toBeGreaterThan(tick)
      expect(later.get(vm.name)!.diskCounter, `${vm.name} writes on`).toBeGreaterThan(diskCounter)
    }
    await host.plug('management')
    await hostIs(site, name, ['connected'], 40_000)
    await nothingDone(since)
    for (const vm of site.vms) expect(vigil.startedAt(vm), `${vm.name} was not started again`).toBeUndefined()
    expect(await vigil.end()).toEqual([])
    await toldWhole(name, isolatedMarks, [])
  })

  test('in the end every disk is whole', async () => {
    expect(await disksAtRest(site)).toEqual([])
  })
})

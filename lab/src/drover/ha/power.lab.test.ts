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
  marksOf,
  statuses,
  storyClosed,
  storyOf,
  storyTold,
} from './site'

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

  test('power loss: proven by its BMC, its VMs run elsewhere, and the story says how long each thing took', async () => {
    const { name, vms } = await fullest()
    const before = await statuses(site, site.vms)
    await site.lab.host(name).powerOff()
    const fenced = await hostIs(site, name, ['fenced'], 20_000)
    expect(fenced.proof).toMatchObject({ by: 'device' })
    await allRunOnce(site, vms, [name], 30_000)
    const story = await storyTold(site, name, 20_000)
    const marks = marksOf(story)
    for (const mark of ['suspect', 'decided', 'proven off', 'first VM running', 'all VMs running'] as const)
      expect(marks[mark], mark).toBeGreaterThan(0)
    expect(story.vms.map(({ vm, state }) => `${vm.name} ${state}`).sort()).toEqual(
      vms.map((vm) => `${vm.name} running`).sort(),
    )
    expect(story.evidence.map(({ side }) => side)).toEqual(
      expect.arrayContaining(['agent', 'storage', 'power']),
    )
    expect(await faults(site, before)).toEqual([])
    await bringBack(site, name)
    const closed = await storyClosed(site, name, 30_000)
    expect(closed.marks.map(({ mark }) => mark)).toEqual(expect.arrayContaining(['back', 'closed']))
  })

  test('a hung host is fenced: it cannot write to a disk any more when its VMs start elsewhere', async () => {
    const { name, vms } = await fullest()
    const before = await statuses(site, site.vms)
    const host = site.lab.host(name)
    host.freeze()
    const fenced = await hostIs(site, name, ['fenced'], 40_000)
    expect(fenced.proof).toMatchObject({ by: 'device' })
    expect(host.isOn()).toBe(false)
    await allRunOnce(site, vms, [name], 30_000)
    await storyTold(site, name, 20_000)
    expect(await faults(site, before)).toEqual([])
    await bringBack(site, name)
  })

  test('a device that lies is not believed: nothing starts until the power is really off', async () => {
    const { name, vms } = await fullest()
    const before = await statuses(site, site.vms)
    const host = site.lab.host(name)
    host.bmc.lie(true)
    host.freeze()
    await hostIs(site, name, ['fencing'], 30_000)
    // It has said OK to at least one order, and its state says that the power is on.
    await until('the device was asked, and says on', 30_000, async () => {
      const events = await site.operator.events((await site.operator.host(name)).id)
      return events.some(({ body }) => body.kind === 'fence.answered' && body.power === 'on')
    })
    expect((await site.operator.host(name)).state).toBe('fencing')
    for (const vm of vms) expect(site.lab.whereIs(vm.uuid).map(({ hostName }) => hostName)).toEqual([name])
    host.bmc.lie(false)
    await hostIs(site, name, ['fenced'], 60_000)
    await allRunOnce(site, vms, [name], 30_000)
    expect(await faults(site, before)).toEqual([])
    await bringBack(site, name)
  })

  test('control is killed between the fence and the restart: the next one goes on, and nothing starts twice', async () => {
    const { name, vms } = await fullest()
    const before = await statuses(site, site.vms)
    site.lab.host(name).freeze()
    await until('the power is off', 40_000, () => !site.lab.host(name).isOn(), 5)
    await site.control.process.end('SIGKILL')
    await site.control.lead()
    await hostIs(site, name, ['fenced'], 40_000)
    await allRunOnce(site, vms, [name], 40_000)
    await storyTold(site, name, 20_000)
    expect(await faults(site, before)).toEqual([])
    await bringBack(site, name)
  })

  test('two of three hang at once: nobody is fenced, somebody is told, and nothing is lost when they go on', async () => {
    const before = await statuses(site, site.vms)
    const names = ['lab-1', 'lab-2']
    for (const name of names) site.lab.host(name).freeze()
    const alarm = await until('an alarm says why nobody is fenced', 30_000, async () => {
      const { rows } = await site.operator.snapshot()
      return rows.alarm.find(({ code, clearedAt }) => code === 'storm' && clearedAt === null)
    })
    expect(alarm.text).toContain('lab-1')
    expect(
      (await site.operator.snapshot()).rows.task.filter(
        (task) => task.kind === 'host.fence' && task.endedAt === null,
      ),
    ).toEqual([])
    for (const name of names) expect(site.lab.host(name).isOn()).toBe(true)
    for (const name of names) site.lab.host(name).thaw()
    for (const name of names) await hostIs(site, name, ['connected'], 40_000)
    const after = await statuses(site, site.vms)
    for (const [name, { boot }] of before)
      expect(after.get(name)!.boot, `${name} was not rebooted`).toBe(boot)
    expect(await faults(site, before)).toEqual([])
    await until('the alarm is over', 30_000, async () => {
      const { rows } = await site.operator.snapshot()
      return rows.alarm.every(({ code, clearedAt }) => code !== 'storm' || clearedAt !== null)
    })
  })

  test('the management network is cut, the storage lives: the host is isolated, and nothing restarts', async () => {
    const { name, vms } = await fullest()
    const before = await statuses(site, vms)
    const host = site.lab.host(name)
    await host.cut('management')
    const isolated = await hostIs(site, name, ['isolated'], 30_000)
    expect(isolated.proof).toBeNull()
    const story = await storyOf(site, name)
    expect(story?.finding).toBe('isolated')
    const during = await statuses(site, vms)
    for (const vm of vms) expect(during.get(vm.name)!.boot).toBe(before.get(vm.name)!.boot)
    await host.plug('management')
    await hostIs(site, name, ['connected'], 40_000)
    const after = await statuses(site, vms)
    for (const vm of vms) {
      expect(after.get(vm.name)!.boot).toBe(before.get(vm.name)!.boot)
      expect(after.get(vm.name)!.tick).toBeGreaterThan(during.get(vm.name)!.tick)
    }
    expect(await faults(site, before)).toEqual([])
  })

  test('in the end every disk is whole', async () => {
    expect(await disksAtRest(site)).toEqual([])
  })
})

import { decideConfirmOff, decideFence } from '@drover/engine'
import { describe, expect, it } from 'vitest'
import { ada, marks, Site, settings } from '../testing/ha'

describe('fence devices', () => {
  it('that say they obey and do not prove nothing; the next level does', async () => {
    const site = await Site.of(3)
    await site.addDevice('esx-1', 2)
    site.temper.set('esx-1/1', 'deaf')
    site.die('esx-1')
    await site.until('esx-1', 'fenced', 60)
    expect(site.host('esx-1').proof!.text).toContain('bmc2')
    expect(
      site.runs.filter(({ ip, action }) => ip === 'esx-1/1' && action === 'status').length,
    ).toBeGreaterThan(2)
  })

  it('that are dead with their host leave it to the host’s own deadline, and not sooner', async () => {
    const site = await Site.of(3, { selfFence: true })
    site.temper.set('esx-1/1', 'dead')
    site.die('esx-1')
    const before = await site.until('esx-1', 'fencing', 30)
    const more = await site.until('esx-1', 'fenced', 120)
    expect(site.host('esx-1').proof).toMatchObject({ by: 'self_fence' })
    expect(before + more).toBeGreaterThanOrEqual(30 + 17)
    const tasks = [...site.control.world.tables.task.values()].filter(({ kind }) => kind === 'host.fence')
    await site.pass(2)
    expect(tasks).toHaveLength(1)
    expect(site.control.world.tables.task.get(tasks[0]!.id)).toMatchObject({ state: 'succeeded' })
  })

  it('that are dead leave it to the deadline that the host has heard of, also for a leader that comes later', async () => {
    const site = await Site.of(3, { selfFence: true })
    await settings(site, { leaseMs: 60_000 })
    await site.pass(2)
    site.agent('esx-1').obeys = false
    site.temper.set('esx-1/1', 'dead')
    site.die('esx-1')
    await settings(site, { leaseMs: 10_000 })
    await site.pass(40)
    expect(site.state('esx-1')).toBe('fencing')
    const standby = site.another()
    await site.control.stop()
    site.control = standby.control
    await standby.control.start()
    for (const agent of site.agents.slice(1)) {
      agent.connect(site.control)
      await agent.hello()
      await agent.sayReport()
    }
    await site.pass(70)
    expect(site.state('esx-1')).toBe('fencing')
    await site.until('esx-1', 'fenced', 60)
    expect(site.host('esx-1').proof!.by).toBe('self_fence')
  })

  it('that are dead do not leave it to a host that was told to stop nothing when it fell silent', async () => {
    const site = await Site.of(3, { selfFence: true })
    await site.pass(2)
    await settings(site, { mode: 'handsOff' })
    site.temper.set('esx-1/1', 'dead')
    site.die('esx-1')
    await settings(site, { mode: 'armed' })
    await site.pass(200)
    expect(site.state('esx-1')).toBe('fencing')
  })

  it('that are dead, of a host whose agent was dead before, leave it to a person: nobody there stops its VMs', async () => {
    const site = await Site.of(3, { selfFence: true })
    site.temper.set('esx-1/1', 'dead')
    site.silent.add('esx-1')
    site.agent('esx-1').lose()
    await site.pass(20)
    expect(site.state('esx-1')).toBe('isolated')
    expect(marks(site, 'esx-1')).toContain('agent down')
    site.dead.add('esx-1')
    await site.pass(200)
    expect(site.state('esx-1')).toBe('fencing')
    expect(site.control.world.tables.vm.get('vm-1')!.power).toBe('running')
  })

  it('that are busy do not switch a host off that has booted while its order waited for them', async () => {
    const site = await Site.of(3)
    site.runMs = 15_000
    site.die('esx-1')
    await site.until('esx-1', 'fencing')
    await site.pass(1)
    expect(site.runs.some(({ action }) => action === 'off')).toBe(false)
    const agent = site.agent('esx-1')
    site.dead.delete('esx-1')
    agent.bootId = 'boot-2'
    agent.domains = []
    agent.connect(site.control)
    await agent.hello()
    await agent.sayReport()
    await site.pass(40)
    expect(site.state('esx-1')).toBe('connected')
    expect(site.runs.some(({ action }) => action === 'off')).toBe(false)
  })

  it('that are busy do not switch a host off that is heard again, before it has said what it runs', async () => {
    const site = await Site.of(3)
    site.runMs = 15_000
    site.die('esx-1')
    await site.until('esx-1', 'fencing')
    await site.pass(1)
    const agent = site.agent('esx-1')
    site.dead.delete('esx-1')
    agent.connect(site.control)
    await agent.hello()
    await site.pass(16)
    expect(site.state('esx-1')).toBe('fencing')
    expect(site.runs.some(({ action }) => action === 'off')).toBe(false)
    await agent.sayReport()
    await site.pass(2)
    expect(site.state('esx-1')).toBe('connected')
  })

  it('that have all failed are not told to switch off again once that was put on hold', async () => {
    const site = await Site.of(3)
    site.temper.set('esx-1/1', 'dead')
    site.die('esx-1')
    await site.until('esx-1', 'fencing')
    await site.pass(15)
    const offs = () => site.runs.filter(({ action }) => action === 'off').length
    const before = offs()
    expect(before).toBeGreaterThan(0)
    await settings(site, { mode: 'hold' })
    await site.pass(120)
    expect(offs()).toBe(before)
    await settings(site, { mode: 'armed' })
    site.temper.delete('esx-1/1')
    await site.until('esx-1', 'fenced', 60)
    expect(site.host('esx-1').proof!.by).toBe('device')
  })

  it('a person is not believed while the host gives signs of life, nor by a leader that has only begun', async () => {
    const site = await Site.of(3, { devices: false })
    site.silent.add('esx-1')
    site.agent('esx-1').lose()
    await site.pass(15)
    const input = { hostId: 'host-1', confirmName: 'esx-1', person: 'ada' }
    const confirm = () => site.control.propose(ada, (w, c) => decideConfirmOff(w, input, c))
    expect(await confirm()).toMatchObject({
      refusals: [{ problem: expect.stringContaining('esx-1 is not off: its hypervisor answers') }],
    })
    const standby = site.another()
    await site.control.stop()
    site.control = standby.control
    await standby.control.start()
    site.dead.add('esx-1')
    await site.pass(2)
    expect(await confirm()).toMatchObject({
      refusals: [{ problem: expect.stringContaining('only just begun to listen') }],
    })
    await site.pass(15)
    expect((await confirm()).ok).toBe(true)
  })

  it('that are dead, of a host without a watchdog, leave it to a person unless its agent’s word counts', async () => {
    const site = await Site.of(3, { selfFence: true, watchdog: false })
    site.temper.set('esx-1/1', 'dead')
    site.die('esx-1')
    await site.pass(180)
    expect(site.state('esx-1')).toBe('fencing')
    await settings(site, { selfFenceProof: 'agent' })
    await site.until('esx-1', 'fenced', 10)
    expect(site.host('esx-1').proof).toMatchObject({ by: 'self_fence' })
  })

  it('that are dead, of a host that would not stop itself, leave it to a person', async () => {
    const site = await Site.of(3)
    site.temper.set('esx-1/1', 'dead')
    site.die('esx-1')
    await site.pass(180)
    expect(site.state('esx-1')).toBe('fencing')
    expect(site.runs.filter(({ ip, action }) => ip === 'esx-1/1' && action === 'off').length).toBeGreaterThan(
      3,
    )
    const events = JSON.stringify(await site.control.events({ limit: 500 }))
    expect(events).not.toContain('password pass')
    const input = { hostId: 'host-1', confirmName: 'esx-1', person: 'ada' }
    const wrong = await site.control.propose(ada, (w, c) =>
      decideConfirmOff(w, { ...input, confirmName: 'x' }, c),
    )
    expect(wrong.ok).toBe(false)
    const done = await site.control.propose(ada, (w, c) => decideConfirmOff(w, input, c))
    expect(done.ok).toBe(true)
    await site.pass(1)
    expect(site.host('esx-1')).toMatchObject({ state: 'fenced', proof: { by: 'person', person: 'ada' } })
    expect([...site.control.world.tables.task.values()].at(-1)).toBeDefined()
    const fence = [...site.control.world.tables.task.values()].find(({ kind }) => kind === 'host.fence')!
    expect(fence.state).toBe('succeeded')
  })

  it('switch off a host that runs when somebody types its name', async () => {
    const site = await Site.of(3)
    const input = { hostId: 'host-3', confirmName: 'esx-3', reason: 'smoke' }
    const begun = await site.control.propose(ada, (w, c) => decideFence(w, input, c))
    expect(begun.ok).toBe(true)
    await site.until('esx-3', 'fenced', 30)
    expect(site.control.world.tables.vm.get('vm-3')!.power).toBe('off')
    expect(site.incident('esx-3')!.marks.map(({ mark }) => mark)).toContain('proven off')
  })
})

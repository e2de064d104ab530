import { sayEvent } from '@drover/model'
import { describe, expect, it } from 'vitest'
import { marks, Site, settings } from '../testing/ha'

const switchedOff = (site: Site) => site.runs.some(({ action }) => action === 'off')
const said = async (site: Site) =>
  (await site.control.events({ kinds: ['host.goodbye'], limit: 10 })).map(({ body }) => sayEvent(body))

describe('a host whose agent was stopped in an orderly way', () => {
  it('is unwatched, neither suspect nor fenced, although nothing on it answers anybody; somebody is told in time', async () => {
    const site = await Site.of(3)
    site.mute.add('esx-1')
    await site.stopAgent('esx-1')
    expect(site.state('esx-1')).toBe('connected')
    expect(await said(site)).toEqual([
      'The agent of esx-1 was stopped in an orderly way by SIGTERM; web-1 runs on there.',
    ])
    await site.until('esx-1', 'unwatched', 6)
    await site.pass(280)
    expect(site.state('esx-1')).toBe('unwatched')
    expect(site.incident('esx-1')).toBeUndefined()
    expect(site.alarms()).toEqual([])
    await site.pass(40)
    expect(site.alarms()).toEqual(['host_unwatched'])
    expect(switchedOff(site)).toBe(false)
    await site.startAgent('esx-1')
    await site.pass(4)
    expect(site.host('esx-1')).toMatchObject({ state: 'connected', lostAt: [], facts: { bootId: 'boot-1' } })
    expect(site.host('esx-1').facts!.goodbye).toBeUndefined()
    expect(site.alarms()).toEqual([])
  })

  it('is left alone where isolated hosts are to be fenced: it is none', async () => {
    const site = await Site.of(3)
    await settings(site, { isolatedHost: 'fence' })
    await site.stopAgent('esx-1')
    await site.pass(90)
    expect(site.state('esx-1')).toBe('unwatched')
    expect(switchedOff(site)).toBe(false)
  })

  it('for a moment, as for an update, is nothing but a line of history', async () => {
    const site = await Site.of(3)
    await site.stopAgent('esx-1')
    await site.pass(2)
    await site.startAgent('esx-1')
    await site.pass(20)
    const states = await site.control.events({ kinds: ['host.state'], limit: 20 })
    expect(states.filter(({ body }) => body.kind === 'host.state' && body.from === 'connected')).toEqual([])
    expect(site.host('esx-1').facts!.goodbye).toBeUndefined()
  })

  it('and that then loses its power is proven off by its device, and its VMs are lost', async () => {
    const site = await Site.of(3)
    await site.stopAgent('esx-1')
    await site.until('esx-1', 'unwatched', 6)
    await site.pass(30)
    site.losePower('esx-1')
    const seconds = await site.until('esx-1', 'fenced', 20)
    expect(seconds).toBeLessThanOrEqual(12)
    expect(site.host('esx-1').proof).toMatchObject({ by: 'device' })
    expect(marks(site, 'esx-1').slice(0, 5)).toEqual([
      'last heard',
      'suspect',
      'said off',
      'decided',
      'proven off',
    ])
    expect(site.control.world.tables.vm.get('vm-1')!.power).toBe('off')
  })

  it('and that then hangs is fenced, once what answered others has answered nobody for a minute', async () => {
    const site = await Site.of(3)
    await site.stopAgent('esx-1')
    await site.pass(45)
    site.die('esx-1')
    await site.pass(50)
    expect(site.state('esx-1')).toBe('unwatched')
    await site.until('esx-1', 'fenced', 40)
    expect(switchedOff(site)).toBe(true)
    expect(site.incident('esx-1')).toMatchObject({ finding: 'hung' })
  })

  it('has let go of its watchdog: its own deadline proves nothing, whatever else is silent', async () => {
    const site = await Site.of(3, { devices: false, selfFence: true })
    site.mute.add('esx-1')
    await site.stopAgent('esx-1', { via: ['storage'] })
    await site.pass(180)
    expect(site.state('esx-1')).toBe('unwatched')
    expect(await said(site)).toHaveLength(1)
    expect(site.control.world.tables.vm.get('vm-1')!.power).toBe('running')
  })

  it('is no more proven dead by its deadline once it answers nobody: nobody is there who would have stopped its VMs', async () => {
    const site = await Site.of(3, { devices: false, selfFence: true })
    await site.stopAgent('esx-1')
    await site.pass(45)
    site.die('esx-1')
    await site.pass(240)
    expect(['suspect', 'fencing']).toContain(site.state('esx-1'))
    expect(site.control.world.tables.vm.get('vm-1')!.power).toBe('running')
  })

  it('does not make a storm of an update of all hosts at once', async () => {
    const site = await Site.of(4)
    for (const name of ['esx-1', 'esx-2', 'esx-3']) await site.stopAgent(name)
    await site.pass(30)
    expect(site.alarms()).not.toContain('storm')
    expect(site.control.world.index.openIncidents.size).toBe(0)
  })

  it('that dies without a word in its next life is fenced: what it said before is over', async () => {
    const site = await Site.of(3)
    site.mute.add('esx-1')
    await site.stopAgent('esx-1', { via: ['control'] })
    await site.until('esx-1', 'unwatched', 6)
    await site.startAgent('esx-1')
    await site.pass(5)
    // This time without a word.
    site.die('esx-1')
    await site.until('esx-1', 'fenced', 40)
    expect(switchedOff(site)).toBe(true)
  })
})

it('said while nobody led is found on the datastores by the next leader', async () => {
  const site = await Site.of(3)
  site.mute.add('esx-1')
  const standby = site.another()
  await site.control.stop()
  site.control = standby.control
  await site.stopAgent('esx-1', { via: ['storage'] })
  await standby.control.start()
  for (const agent of site.agents.slice(1)) {
    agent.connect(site.control)
    await agent.hello()
    await agent.sayReport()
  }
  await site.until('esx-1', 'unwatched', 30)
  await site.pass(90)
  expect(site.state('esx-1')).toBe('unwatched')
  expect(switchedOff(site)).toBe(false)
})

describe('a host that is shut down, whose agent said so', () => {
  it('without a word of its device is judged as ever', async () => {
    const site = await Site.of(3)
    await site.stopAgent('esx-1', { goesDown: true })
    site.die('esx-1')
    await site.until('esx-1', 'fenced', 30)
    expect(await said(site)).toEqual([
      'The agent of esx-1 was stopped in an orderly way by SIGTERM, for its machine is shutting down.',
    ])
  })

  it.each([['control'], ['storage']])(
    'and has no device is not proven dead by its deadline: its VMs run on until their turn comes (told %s)',
    async (to) => {
      const site = await Site.of(3, { devices: false, selfFence: true })
      site.mute.add('esx-1')
      await site.stopAgent('esx-1', { goesDown: true, via: [to] })
      await site.pass(180)
      expect(['suspect', 'fencing']).toContain(site.state('esx-1'))
      expect(site.control.world.tables.vm.get('vm-1')!.power).toBe('running')
      // Somebody switches it on again, and that proves that it was off.
      const off = site.agent('esx-1').domains.map((each) => ({ ...each, state: 'off' }))
      Object.assign(site.agent('esx-1'), { bootId: 'boot-2', domains: off })
      await site.startAgent('esx-1')
      expect(site.control.world.tables.vm.get('vm-1')!.power).toBe('off')
    },
  )

  it('counts on no deadline either when those who read its goodbye have not seen it being written', async () => {
    const site = await Site.of(3, { devices: false, selfFence: true })
    site.mute.add('esx-1')
    await site.stopAgent('esx-1', { goesDown: true, via: ['storage'] })
    for (const live of site.control.world.live.values()) live.storage.clear()
    await site.pass(180)
    expect(['suspect', 'fencing']).toContain(site.state('esx-1'))
    expect(site.control.world.tables.vm.get('vm-1')!.power).toBe('running')
  })
})

it('an old goodbye on a datastore does not pass for a new one: an agent that came back and died is fenced', async () => {
  const site = await Site.of(3)
  site.mute.add('esx-1')
  await site.stopAgent('esx-1')
  await site.pass(10)
  await site.startAgent('esx-1')
  await site.pass(30)
  // Its file was never written again there, and its readers begin to read it anew.
  site.words.set('esx-1', { why: 'SIGTERM', goesDown: false })
  site.stillBeats('esx-1')
  await site.pass(30)
  site.die('esx-1')
  await site.until('esx-1', 'fenced', 60)
})

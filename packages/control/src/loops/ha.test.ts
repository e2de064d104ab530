import { StoreAway } from '@drover/store'
import { describe, expect, it } from 'vitest'
import { marks, Site, settings } from '../testing/ha'

describe('a host that is lost', () => {
  it('without power is proven off by its device, and its VM is lost in the same commit', async () => {
    const site = await Site.of(3)
    site.losePower('esx-1')
    const seconds = await site.until('esx-1', 'fenced')
    expect(seconds).toBeLessThanOrEqual(8)
    expect(site.host('esx-1').proof).toMatchObject({ by: 'device', text: expect.stringContaining('off') })
    expect(site.runs.some(({ action }) => action === 'off')).toBe(false)
    expect(marks(site, 'esx-1').slice(0, 5)).toEqual([
      'last heard',
      'suspect',
      'said off',
      'decided',
      'proven off',
    ])
    expect(site.incident('esx-1')).toMatchObject({ finding: 'off', vms: [{ vm: { name: 'web-1' } }] })
    expect(site.control.world.tables.vm.get('vm-1')!.power).toBe('off')
    const lost = await site.control.events({ kinds: ['vm.lost'], limit: 10 })
    expect(lost).toHaveLength(1)
  })

  it('that hangs is switched off, asked for its power until it says off, and then proven', async () => {
    const site = await Site.of(3)
    site.die('esx-2')
    await site.until('esx-2', 'fencing')
    expect(site.incident('esx-2')!.finding).toBe('hung')
    const decided = site.incident('esx-2')!.marks.find(({ mark }) => mark === 'decided')!.at
    const heard = site.incident('esx-2')!.marks.find(({ mark }) => mark === 'last heard')!.at
    expect(decided - heard).toBeLessThanOrEqual(10_000)
    await site.until('esx-2', 'fenced', 10)
    expect(site.runs.filter(({ ip }) => ip === 'esx-2/1').map(({ action }) => action)).toEqual(
      expect.arrayContaining(['off', 'status']),
    )
    expect(site.power.get('esx-2')).toBe('off')
    expect(marks(site, 'esx-2')).toEqual(expect.arrayContaining(['fence started', 'proven off']))
    const said = await site.control.events({ kinds: ['fence.answered'], limit: 10 })
    expect(said.length).toBeGreaterThanOrEqual(2)
  })
})

describe('a host that is not dead', () => {
  it('whose agent has crashed keeps its VMs: others still reach it', async () => {
    const site = await Site.of(3)
    site.silent.add('esx-1')
    site.agent('esx-1').lose()
    await site.until('esx-1', 'isolated')
    await site.pass(60)
    expect(site.state('esx-1')).toBe('isolated')
    expect(site.runs.some(({ action }) => action === 'off')).toBe(false)
    expect(site.control.world.tables.vm.get('vm-1')!.power).toBe('running')
    const agent = site.agent('esx-1')
    site.silent.delete('esx-1')
    agent.connect(site.control)
    await agent.hello()
    await agent.sayReport()
    await site.pass(2)
    expect(site.state('esx-1')).toBe('connected')
    expect(site.incident('esx-1')).toMatchObject({ state: 'closed' })
  })

  it('whose agent restarts in seconds is only suspect', async () => {
    const site = await Site.of(3)
    site.silent.add('esx-1')
    await site.until('esx-1', 'suspect')
    site.silent.delete('esx-1')
    await site.pass(2)
    expect(site.state('esx-1')).toBe('connected')
    expect(marks(site, 'esx-1')).toEqual(['last heard', 'suspect', 'back', 'closed'])
    expect(site.host('esx-1').incidentId).toBeNull()
  })

  it('that is cut off from control writes to its datastores: isolated, nothing is switched off', async () => {
    const site = await Site.of(3)
    site.cutOff.add('esx-1')
    await site.until('esx-1', 'isolated')
    await site.pass(60)
    expect(site.state('esx-1')).toBe('isolated')
    expect(site.incident('esx-1')).toMatchObject({ finding: 'isolated' })
    expect(site.runs.some(({ action }) => action === 'off')).toBe(false)
    // Now it dies for good.
    site.die('esx-1')
    await site.until('esx-1', 'fenced', 30)
    expect(site.power.get('esx-1')).toBe('off')
  })

  it('and has a device that says off is not believed to be off while it writes', async () => {
    const site = await Site.of(3)
    site.temper.set('esx-1/1', 'lying')
    site.cutOff.add('esx-1')
    await site.pass(40)
    expect(site.state('esx-1')).toBe('isolated')
  })
})

it('a leader that cannot be sure that it still leads renews nobody’s lease', async () => {
  const site = await Site.of(2)
  const heard = () => site.agent('esx-1').heards.at(-1)
  expect(heard()).toMatchObject({ renews: true })
  site.store.away = true
  await site.pass(4)
  expect(heard()).toMatchObject({ renews: true })
  await site.pass(4)
  expect(heard()).toMatchObject({ renews: false })
  site.store.away = false
  await site.pass(4)
  expect(heard()).toMatchObject({ renews: true })
})

describe('many at once', () => {
  it('two of five are both fenced', async () => {
    const site = await Site.of(5)
    site.die('esx-1')
    site.die('esx-2')
    await site.until('esx-1', 'fenced', 40)
    await site.until('esx-2', 'fenced', 40)
  })

  it('two of three are a storm: nobody is switched off, and somebody is told', async () => {
    const site = await Site.of(3)
    site.die('esx-1')
    site.die('esx-2')
    await site.pass(60)
    expect(site.runs.some(({ action }) => action === 'off')).toBe(false)
    const storm = [...site.control.world.tables.incident.values()].find(({ kind }) => kind === 'storm')
    expect(storm).toMatchObject({ state: 'open', decision: expect.stringContaining('2 of 3') })
  })

  it('all hosts that lost power at once are proven off by their devices, storm or not', async () => {
    const site = await Site.of(3)
    for (const name of ['esx-1', 'esx-2', 'esx-3']) site.losePower(name)
    await site.until('esx-1', 'fenced', 30)
    await site.until('esx-2', 'fenced', 30)
    expect(site.runs.some(({ action }) => action === 'off')).toBe(false)
  })

  it('is nobody’s fault when control itself stood still', async () => {
    const site = await Site.of(3)
    site.clock.jump(60_000)
    await site.pass(3)
    for (const name of ['esx-1', 'esx-2', 'esx-3']) expect(site.state(name)).toBe('connected')
    expect(site.control.world.index.openIncidents.size).toBe(0)
  })
})

describe('control', () => {
  it('killed between the order and the proof: the next one carries it through', async () => {
    const site = await Site.of(3)
    site.runMs = 3_000
    site.die('esx-1')
    await site.until('esx-1', 'fencing')
    await site.pass(2)
    const standby = site.another()
    await site.control.stop()
    site.control = standby.control
    await standby.control.start()
    await site.pass(8)
    for (const agent of site.agents.slice(1)) {
      agent.connect(site.control)
      await agent.hello()
      await agent.sayReport()
    }
    await site.until('esx-1', 'fenced', 40)
    expect(site.host('esx-1').proof!.by).toBe('device')
    expect(
      [...site.control.world.tables.incident.values()].filter(({ kind }) => kind === 'host'),
    ).toHaveLength(1)
  })
})

describe('coming back', () => {
  it('before anything was switched off ends the fence; afterwards it is carried through', async () => {
    const site = await Site.of(3)
    await site.addDevice('esx-1', 1, { name: 'slow one', delayMs: 20_000 })
    site.die('esx-1')
    await site.until('esx-1', 'fencing')
    site.dead.delete('esx-1')
    const agent = site.agent('esx-1')
    agent.connect(site.control)
    await agent.hello()
    await agent.sayReport()
    await site.pass(3)
    expect(site.state('esx-1')).toBe('connected')
    expect(site.runs.some(({ action }) => action === 'off')).toBe(false)
    const fence = [...site.control.world.tables.task.values()].find(({ kind }) => kind === 'host.fence')!
    expect(fence.state).toBe('cancelled')
  })

  it('with another boot proves that what ran there is gone', async () => {
    const site = await Site.of(3, { devices: false })
    const agent = site.agent('esx-1')
    site.silent.add('esx-1')
    await site.pass(2)
    site.silent.delete('esx-1')
    agent.bootId = 'boot-2'
    agent.domains = agent.domains.map((one) => ({ ...one, state: 'off' as const }))
    agent.connect(site.control)
    await agent.hello()
    expect((await site.control.events({ kinds: ['vm.lost'], limit: 5 })).length).toBe(1)
    await agent.sayReport()
    await site.pass(1)
    expect(site.state('esx-1')).toBe('connected')
    expect(site.control.world.tables.vm.get('vm-1')).toMatchObject({ power: 'off', desired: 'running' })
  })

  it('again and again puts it into quarantine', async () => {
    const site = await Site.of(3)
    for (let time = 0; time < 3; time += 1) {
      site.silent.add('esx-1')
      await site.until('esx-1', 'suspect')
      site.silent.delete('esx-1')
      await site.until('esx-1', 'connected')
      await site.pass(70)
    }
    expect(site.host('esx-1').quarantinedUntil).not.toBeNull()
    await site.pass(3_601)
    expect(site.host('esx-1').quarantinedUntil).toBeNull()
  }, 30_000)
})

describe('as the cluster is set', () => {
  it('on hold: everything is watched and nobody is switched off, until it is armed again', async () => {
    const site = await Site.of(3)
    await settings(site, { mode: 'hold' })
    site.die('esx-1')
    await site.pass(60)
    expect(site.state('esx-1')).toBe('suspect')
    expect(site.incident('esx-1')!.decision).toContain('disarmed')
    expect(site.alarms()).toContain('ha_disarmed')
    await settings(site, { mode: 'armed' })
    await site.until('esx-1', 'fenced', 20)
  })

  it('hands off: silence is no incident', async () => {
    const site = await Site.of(3)
    await settings(site, { mode: 'handsOff' })
    site.die('esx-1')
    await site.pass(60)
    expect(site.state('esx-1')).toBe('suspect')
    expect(site.incident('esx-1')).toBeUndefined()
  })

  it('with reference addresses: control that reaches none of them blames nobody', async () => {
    const site = await Site.of(3)
    await settings(site, { referenceAddresses: ['10.0.0.254:53'] })
    site.reachable = false
    site.die('esx-1')
    await site.pass(60)
    expect(site.state('esx-1')).toBe('suspect')
    expect(site.alarms()).toContain('references_lost')
    site.reachable = true
    await site.until('esx-1', 'fenced', 20)
  })

  it('references are looked at as often while the database is away, which keeps hosts from being suspect', async () => {
    const site = await Site.of(3)
    await settings(site, { referenceAddresses: ['10.0.0.254:53'] })
    await site.pass(5)
    const commit = site.store.commit
    site.store.commit = () => Promise.reject(new StoreAway('The database cannot be reached.', false))
    site.reachable = false
    site.die('esx-1')
    await site.pass(15)
    expect(site.state('esx-1')).toBe('connected')
    site.store.commit = commit
    await site.pass(8)
    expect(site.state('esx-1')).toBe('suspect')
    site.reachable = true
    await site.until('esx-1', 'fenced', 20)
  })

  it('isolated hosts may be fenced: only once no sign of life is left is it believed', async () => {
    const site = await Site.of(3)
    await settings(site, { isolatedHost: 'fence' })
    site.cutOff.add('esx-1')
    await site.until('esx-1', 'fenced', 40)
    expect(site.power.get('esx-1')).toBe('off')
    site.temper.set('esx-2/1', 'lying')
    site.cutOff.add('esx-2')
    await site.pass(90)
    expect(site.state('esx-2')).toBe('fencing')
    expect(site.control.world.tables.vm.get('vm-2')!.power).toBe('running')
  })

  it('between two fences of a cluster there is quiet', async () => {
    const site = await Site.of(5)
    await settings(site, { fenceQuietMs: 60_000 })
    site.die('esx-1')
    site.die('esx-2')
    await site.until('esx-1', 'fenced', 40)
    await site.pass(20)
    expect(site.state('esx-2')).toBe('fencing')
    await site.until('esx-2', 'fenced', 60)
  })
})

describe('other ways to a host', () => {
  it('its agent is restarted where that is set up, and only once', async () => {
    const site = await Site.of(3)
    await site.addDevice('esx-1', 1, { name: 'ssh to esx-1', agent: 'soft_ssh' })
    site.silent.add('esx-1')
    site.agent('esx-1').lose()
    await site.until('esx-1', 'isolated')
    await site.pass(60)
    expect(site.runs.filter(({ action }) => action === 'soft')).toHaveLength(1)
    expect(site.runs.some(({ action }) => action === 'off')).toBe(false)
    expect(site.state('esx-1')).toBe('isolated')
  })

  it('a device that another host cannot run is named with that host’s own reason, and no secret', async () => {
    const site = await Site.of(3, { devices: false })
    site.agent('esx-2').ask = async () => ({ refused: 'There is no route to it with pass.' })
    await site.addDevice('esx-1', 1, { viaHostId: 'host-2' })
    await site.pass(5)
    const events = JSON.stringify(await site.control.events({ kinds: ['fence.tested'], limit: 9 }))
    expect(events).toContain('esx-2: There is no route to it with •••.')
  })

  it('a device may be run by another host, which is given the secrets and nobody else', async () => {
    const site = await Site.of(3, { devices: false })
    await site.addDevice('esx-1', 1, { viaHostId: 'host-2' })
    const proxy = site.agent('esx-2')
    const asked: unknown[] = []
    const { ask } = proxy
    proxy.ask = async (message) => {
      if (message.what !== 'fence') return ask.call(proxy, message)
      asked.push(message)
      if (message.action === 'off') site.power.set('esx-1', 'off')
      return { power: site.power.get('esx-1')!, message: '' }
    }
    site.die('esx-1')
    await site.until('esx-1', 'fenced', 40)
    expect(asked).toContainEqual(
      expect.objectContaining({ action: 'off', params: { ip: 'esx-1/1', password: 'pass' } }),
    )
    expect(site.runs).toEqual([])
  })
})

describe('alarms', () => {
  it('say what is wrong while it is, and are cleared when it is over', async () => {
    const site = await Site.of(3)
    expect(site.alarms()).toEqual([])
    site.silent.add('esx-1')
    await site.until('esx-1', 'isolated')
    site.temper.set('esx-2/1', 'dead')
    await site.pass(3)
    expect(site.alarms()).toEqual(['host_isolated'])
    site.silent.delete('esx-1')
    await site.pass(3_600)
    expect(site.alarms()).toEqual(['fence_test_failed'])
    site.temper.delete('esx-2/1')
    await site.pass(3_610)
    expect(site.alarms()).toEqual([])
  }, 60_000)

  it('tell of a storm, of control cut off, and of a cluster that is disarmed', async () => {
    const site = await Site.of(3)
    site.die('esx-1')
    site.die('esx-2')
    await site.pass(10)
    expect(site.alarms()).toContain('storm')
  })
})

describe('secrets', () => {
  it('are in no event, no snapshot and no patch', async () => {
    const site = await Site.of(2)
    const { fence } = site.control.snapshot().rows
    expect(fence[0]).toMatchObject({ sealed: { password: '' }, params: { ip: 'esx-1/1' } })
    const events = JSON.stringify(await site.control.events({ limit: 500 }))
    expect(events).not.toContain('pass"')
    expect(events).toContain('bmc1 of esx-1')
    expect(site.runs[0]!.params).toEqual({ ip: 'esx-1/1', password: 'pass' })
  })

  it('are kept apart from what was entered, and checked by the program’s own words', async () => {
    const site = await Site.of(1)
    const { fences } = site.control
    expect(await fences.prepare('fence_ipmilan', { ip: '10.0.0.1', password: 'p' })).toEqual({
      ok: true,
      value: { params: { ip: '10.0.0.1' }, sealed: { password: 'sealed p' } },
    })
    expect(await fences.prepare('fence_ipmilan', { ip: '10.0.0.1', pasword: 'p' })).toMatchObject({
      ok: false,
      refusals: [{ field: 'pasword' }, { field: 'password' }],
    })
    const kept = { password: 'sealed old' }
    expect(await fences.prepare('fence_ipmilan', { ip: '10.0.0.2', password: '' }, kept)).toEqual({
      ok: true,
      value: { params: { ip: '10.0.0.2' }, sealed: kept },
    })
  })
})

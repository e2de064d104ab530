import { decideFence } from '@drover/engine'
import { describe, expect, it } from 'vitest'
import { ada, Site, settings } from '../testing/ha'

/** Its agent has crashed and its VMs run; its device says off. */
async function liar(site: Site, name: string): Promise<void> {
  site.temper.set(`${name}/1`, 'lying')
  site.silent.add(name)
  site.agent(name).lose()
  await site.pass(20)
  expect(site.incident(name)).toMatchObject({ finding: 'unproven' })
}

/** Others are not heard for a while, and then again. */
async function silence(site: Site, names: string[], seconds: number): Promise<void> {
  for (const name of names) site.silent.add(name)
  await site.pass(seconds)
  for (const name of names) site.silent.delete(name)
}

function expectUntouched(site: Site, name: string): void {
  expect(site.state(name)).toBe('suspect')
  expect(
    site.control.world.tables.vm.get(site.control.world.index.vmByUuid.get(uuidOf(site, name))!),
  ).toMatchObject({
    power: 'running',
    hostId: site.host(name).id,
  })
}
const uuidOf = (site: Site, name: string) => site.agent(name).domains[0]!.uuid

describe('a device that says off of a host that is on', () => {
  it('is not believed while others reach the host, nor when they cannot be heard any more', async () => {
    const site = await Site.of(3)
    await liar(site, 'esx-1')
    await silence(site, ['esx-2', 'esx-3'], 7)
    expectUntouched(site, 'esx-1')
    expect(site.incident('esx-1')!.decision).toContain('since then it answered esx-')
    await site.pass(30)
    expectUntouched(site, 'esx-1')
  })

  it('is not believed when the only one who reaches the host cannot be heard, whoever else does not reach it', async () => {
    const site = await Site.of(3)
    site.blind.add('esx-3')
    await liar(site, 'esx-1')
    await silence(site, ['esx-2'], 7)
    expectUntouched(site, 'esx-1')
    await site.pass(30)
    expectUntouched(site, 'esx-1')
    // Now it is off, and who had reached it has looked again.
    site.dead.add('esx-1')
    await site.until('esx-1', 'fenced', 10)
  })

  it('is not believed while the heartbeat of the host was seen to move since, when nobody reads it any more', async () => {
    const site = await Site.of(3)
    site.temper.set('esx-1/1', 'lying')
    site.cutOff.add('esx-1')
    await site.pass(20)
    expect(site.state('esx-1')).toBe('isolated')
    await silence(site, ['esx-2', 'esx-3'], 7)
    expect(site.state('esx-1')).toBe('isolated')
  })

  it('is not believed by itself when it said so in its test, while the host was heard', async () => {
    const site = await Site.of(3)
    site.temper.set('esx-1/1', 'lying')
    const tested = site.control.testFence(ada, 'fence-1')
    await site.pass(3)
    expect(await tested).toMatchObject({ value: { ok: false, power: 'off' } })
    // It is cut off from everything, and goes on.
    site.stillBeats('esx-1')
    site.cutOff.add('esx-1')
    await site.pass(60)
    expectUntouched(site, 'esx-1')
    expect(site.incident('esx-1')!.decision).toContain('said the same while the host was heard')
    site.cutOff.delete('esx-1')
    await site.pass(3)
    const input = { hostId: 'host-1', confirmName: 'esx-1', reason: 'it has to go' }
    await site.control.propose(ada, (w, c) => decideFence(w, input, c))
    site.die('esx-1')
    await site.pass(60)
    expect(site.state('esx-1')).toBe('fencing')
    expect(site.control.world.tables.vm.get('vm-1')!.power).toBe('running')
  })

  it('late is not believed: the host was heard after the question', async () => {
    const site = await Site.of(3)
    site.temper.set('esx-1/1', 'lying')
    site.silent.add('esx-1')
    site.mute.add('esx-1')
    site.runMs = 6_000
    await site.pass(5)
    site.silent.delete('esx-1')
    await site.pass(2)
    expect(site.state('esx-1')).toBe('connected')
    site.silent.add('esx-1')
    await site.pass(3)
    site.temper.delete('esx-1/1')
    site.runMs = 200
    // By all that can be seen it hangs, and is not off: that question was about another silence.
    await site.until('esx-1', 'fenced', 20)
    const told = [...site.control.world.tables.incident.values()].flatMap((one) => one.marks)
    expect(told.map(({ mark }) => mark)).toContain('fence started')
    expect(told.map(({ mark }) => mark)).not.toContain('said off')
    expect(site.power.get('esx-1')).toBe('off')
  })

  it('stands alone while nobody else can be heard, and counts only when it is time to decide', async () => {
    const site = await Site.of(2)
    site.temper.set('esx-1/1', 'lying')
    for (const name of ['esx-1', 'esx-2']) site.silent.add(name)
    await site.pass(6)
    expect(site.state('esx-1')).toBe('suspect')
    site.silent.delete('esx-2')
    await site.pass(20)
    expectUntouched(site, 'esx-1')
  })
})

it('a heartbeat that nobody has read again does not stand still: its host is not fenced for the trouble of its reader', async () => {
  const site = await Site.of(2)
  await settings(site, { decideMs: 5_000 })
  site.cutOff.add('esx-1')
  await site.pass(2)
  site.stick('esx-2')
  // What it read last is told on for three seconds, as agents do; then nothing is.
  await site.pass(3)
  site.stuck.delete('esx-2')
  await site.pass(20)
  expect(site.state('esx-1')).toBe('isolated')
  expect(site.runs.some(({ action }) => action === 'off')).toBe(false)
})

describe('the story of a power loss', () => {
  it('has its marks in the order of their moments, and takes a proof for what it is: accepted', async () => {
    const site = await Site.of(3)
    await site.pass(5)
    site.losePower('esx-1')
    await site.until('esx-1', 'fenced', 10)
    const { marks } = site.incident('esx-1')!
    expect(marks.map(({ mark }) => mark).slice(0, 5)).toEqual([
      'last heard',
      'suspect',
      'said off',
      'decided',
      'proven off',
    ])
    const times = marks.map(({ at }) => at)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    const [, suspect, said, , proven] = times as [number, number, number, number, number]
    // Asked as soon as it is suspect, believed as soon as nothing speaks for life.
    expect(said - suspect).toBeLessThanOrEqual(site.runMs + 100)
    expect(proven - said).toBeLessThanOrEqual(1_100)
  })

  it('does not begin anew when the host is lost once more before it is over', async () => {
    const site = await Site.of(3)
    site.losePower('esx-1')
    site.temper.set('esx-1/1', 'dead')
    await site.until('esx-1', 'fencing')
    const agent = site.agent('esx-1')
    agent.bootId = 'boot-2'
    agent.connect(site.control)
    await agent.hello()
    expect(site.incident('esx-1')).toMatchObject({ state: 'open', proof: { by: 'reboot' } })
    agent.lose()
    site.temper.delete('esx-1/1')
    await site.until('esx-1', 'fenced')
    const { marks, state } = site.incident('esx-1')!
    expect(state).toBe('open')
    expect(marks.map(({ mark }) => mark)).not.toContain('said off')
  })
})

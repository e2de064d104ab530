import { decidePower } from '@drover/engine'
import type { Event } from '@drover/model'
import { describe, expect, it } from 'vitest'
import { settled } from '../testing/clock'
import { ada, domain, estate, TestAgent } from '../testing/daemon'

type Estate = Awaited<ReturnType<typeof estate>>

async function kinds({ control }: Estate, kind: string): Promise<Event[]> {
  return control.events({ kinds: [kind], limit: 100 })
}

describe('enrolment', () => {
  it('takes a token once; the same agent asking again gets the same host', async () => {
    const on = await estate(1)
    const made = await on.control.createJoinToken(ada, 'cluster-1')
    const token = made.ok ? made.value.token : ''
    const agent = new TestAgent('esx-9')
    agent.connect(on.control)
    expect(await agent.enrol(token)).toEqual({ hostId: 'host-2' })
    expect(await agent.enrol(token)).toEqual({ hostId: 'host-2' })
    const other = new TestAgent('esx-10')
    other.connect(on.control)
    expect(await other.enrol(token)).toMatchObject({ refused: expect.stringContaining('has been used') })
    expect(other.closedBecause).toContain('has been used')
    expect(await kinds(on, 'host.refused')).toHaveLength(1)
  })

  it('refuses a token that has expired, one that never was, and a name that is taken', async () => {
    const { control, clock } = await estate(1)
    const made = await control.createJoinToken(ada, 'cluster-1', 60_000)
    const token = made.ok ? made.value.token : ''
    const refusedFor = async (name: string, secret: string) => {
      const agent = new TestAgent(name)
      agent.connect(control)
      return String((await agent.enrol(secret))?.refused)
    }
    expect(await refusedFor('esx-1', token)).toContain('already a host named esx-1')
    expect(await refusedFor('esx-2', 'drover_nonsense')).toContain('not known')
    clock.jump(60_000)
    expect(await refusedFor('esx-2', token)).toContain('expired')
  })
})

describe('an agent that is not what it says', () => {
  it('is turned away for a wrong key, with a line of history about the host', async () => {
    const on = await estate(1)
    const impostor = new TestAgent('esx-1')
    impostor.hostId = on.agents[0]!.hostId
    impostor.connect(on.control)
    expect(await impostor.hello()).toMatchObject({ refused: expect.stringContaining('key') })
    expect(impostor.closedBecause).not.toBeNull()
    expect(on.agents[0]!.closedBecause).toBeNull()
    const [event] = await kinds(on, 'host.refused')
    expect(event).toMatchObject({ severity: 'error', subjects: expect.arrayContaining(['host-1']) })
  })

  it('is turned away for another protocol, with both numbers', async () => {
    const on = await estate(1)
    const [agent] = on.agents
    agent!.connect(on.control)
    expect(await agent!.hello(99)).toMatchObject({ refused: expect.stringMatching(/protocol 99.*control 2/) })
  })

  it('shares its key with another: the newer line is heard, the older closed, and somebody is told', async () => {
    const on = await estate(1)
    const [first] = on.agents
    const second = new TestAgent('esx-1', first!.keys)
    second.hostId = first!.hostId
    first!.heartbeat()
    second.connect(on.control)
    expect(await second.hello()).toMatchObject({ term: 1 })
    expect(first!.closedBecause).toContain('newer line')
    expect(await kinds(on, 'host.refused')).toHaveLength(1)
  })

  it('that only came back after losing its line is no alarm', async () => {
    const on = await estate(1)
    const [agent] = on.agents
    on.clock.jump(2_000)
    agent!.connect(on.control)
    await agent!.hello()
    expect(await kinds(on, 'host.refused')).toEqual([])
  })
})

describe('a line that talks nonsense', () => {
  it('is found in history at once, then every ten minutes with how often, and in the metrics every time', async () => {
    const on = await estate(1)
    const said = async () => (await kinds(on, 'host.refused')).map(({ body }) => body).reverse()
    for (let n = 0; n < 3; n += 1) await on.agents[0]!.say('report', { n: '\u0000' })
    expect(await said()).toMatchObject([
      {
        fault: 'malformed',
        count: 1,
        name: 'esx-1',
        host: { id: 'host-1' },
        why: expect.stringMatching(/^malformed report/),
      },
    ])
    on.agents[0]!.oversize(9_000_000)
    await settled()
    expect((await said())[1]).toMatchObject({ fault: 'oversized', count: 1 })
    await on.clock.pass(10 * 60_000)
    expect((await said()).slice(2)).toMatchObject([{ fault: 'malformed', count: 2 }])
    await on.clock.pass(60 * 60_000)
    expect(await said()).toHaveLength(3)
    expect(on.refused).toEqual(['malformed', 'malformed', 'malformed', 'oversized'])
  })

  it('is told of as its address when it never said who it is, whatever characters it sends', async () => {
    const on = await estate(0)
    const agent = new TestAgent('esx-7')
    agent.connect(on.control)
    await agent.say('da\u0000nce', {})
    expect((await kinds(on, 'host.refused'))[0]!.body).toMatchObject({
      name: '10.0.0.9',
      why: 'there is no message "da�nce"',
    })
  })

  it('is told of once the database is back', async () => {
    const on = await estate(1)
    on.store.away = true
    void on.control.propose(ada, (w, c) => decidePower(w, 'vm.stop', { vmId: 'vm-1' }, c))
    await settled()
    await on.agents[0]!.say('dance', {})
    on.store.away = false
    await on.clock.pass(10 * 60_000)
    expect((await kinds(on, 'host.refused')).map(({ body }) => body)).toMatchObject([{ count: 1 }])
  })

  it('is answered in words, and closed when it goes on', async () => {
    const { control, agents } = await estate(1)
    const [agent] = agents
    expect(await agent!.say('report', { n: 'x' })).toMatchObject({
      refused: expect.stringContaining('malformed report: n'),
    })
    expect(await agent!.say('dance', {})).toMatchObject({ refused: 'there is no message "dance"' })
    expect(await agent!.say('__proto__', {})).toMatchObject({
      refused: expect.stringContaining('no message'),
    })
    expect(agent!.closedBecause).toBeNull()
    await agent!.say('heartbeat', null)
    await agent!.say('result', [])
    expect(agent!.closedBecause).toContain('unreadable')
    expect(control.world.tables.vm.size).toBe(1)
  })

  it('is closed at once for a message too large to read', async () => {
    const { agents } = await estate(1)
    agents[0]!.oversize(9_000_000)
    expect(agents[0]!.closedBecause).toContain('too large')
  })

  it('says nothing that counts before it has said who it is', async () => {
    const { control } = await estate(1)
    const agent = new TestAgent('esx-7')
    agent.connect(control)
    expect(await agent.sayReport()).toEqual({ refused: 'report before hello' })
  })

  it('may report often, but not without end', async () => {
    const { agents } = await estate(1)
    const answers = []
    for (let n = 0; n < 250; n += 1) answers.push(await agents[0]!.changed([domain(1)]))
    expect(answers[100]).toEqual({ received: true })
    expect(answers.at(-1)).toMatchObject({ refused: expect.stringContaining('too many') })
    expect(agents[0]!.closedBecause).toBeNull()
  })
})

describe('what agents see', () => {
  it('is adopted, with datastores, networks and the definition that was asked for', async () => {
    const { control } = await estate(2)
    const { tables } = control.world
    expect([...tables.vm.values()].map(({ name, hostId, power }) => [name, hostId, power])).toEqual([
      ['web-1', 'host-1', 'running'],
      ['web-2', 'host-2', 'running'],
    ])
    expect([...tables.datastore.values()].map(({ name }) => name)).toEqual(['shared'])
    expect(tables.definition.get('vm-1')).toMatchObject({ version: 1, sha256: 'sha' })
    expect(tables.vm.get('vm-1')!.disks).toEqual([
      { datastoreId: 'datastore-1', path: 'vms/web-1/disk0.qcow2', format: 'qcow2', sizeBytes: 1024 ** 3 },
    ])
    expect(tables.host.get('host-1')).toMatchObject({ state: 'connected', networks: ['network-1'] })
  })

  it('changes behind our back with an event that says so', async () => {
    const on = await estate(1)
    await on.agents[0]!.changed([domain(1, 'off')])
    expect(on.control.world.tables.vm.get('vm-1')!.power).toBe('off')
    const [event] = await kinds(on, 'vm.power')
    expect(event).toMatchObject({
      initiator: { kind: 'outside' },
      severity: 'warning',
      body: { from: 'running', to: 'off', outside: true },
      subjects: ['cluster-1', 'datacenter-1', 'host-1', 'vm-1'],
    })
  })

  it('moved behind our back: whichever host speaks first, the home changes once', async () => {
    for (const order of [
      ['source', 'target'],
      ['target', 'source'],
    ]) {
      const on = await estate(2)
      const [source, target] = on.agents
      for (const who of order) {
        if (who === 'source') await source!.changed([], [domain(1).uuid])
        else await target!.changed([domain(1)])
      }
      await on.clock.pass(2_000)
      expect(on.control.world.tables.vm.get('vm-1')).toMatchObject({ hostId: 'host-2', power: 'running' })
      expect(await kinds(on, 'vm.moved')).toHaveLength(1)
      expect(await kinds(on, 'vm.twice')).toEqual([])
    }
  })

  it('an incoming domain is no second copy, and its leaving home no vanishing', async () => {
    const on = await estate(2)
    await on.agents[1]!.changed([domain(1, 'incoming')])
    await on.agents[0]!.changed([], [domain(1).uuid])
    expect(on.control.world.tables.vm.get('vm-1')).toMatchObject({ hostId: 'host-1', power: 'running' })
    await on.agents[1]!.changed([domain(1)])
    expect(on.control.world.tables.vm.get('vm-1')).toMatchObject({ hostId: 'host-2', power: 'running' })
    expect(await kinds(on, 'vm.vanished')).toEqual([])
  })

  it('running on two hosts is an alarm only when both insist, and ends when one lets go', async () => {
    const on = await estate(2)
    await on.agents[1]!.changed([domain(1)])
    expect(await kinds(on, 'vm.twice')).toEqual([])
    await on.clock.pass(2_100)
    const [event] = await kinds(on, 'vm.twice')
    expect(event).toMatchObject({ severity: 'error', body: { hosts: [{ id: 'host-1' }, { id: 'host-2' }] } })
    expect(on.control.world.tables.vm.get('vm-1')).toMatchObject({ hostId: 'host-1', alsoOn: ['host-2'] })
    const refused = await on.control.propose(ada, (w, c) => decidePower(w, 'vm.stop', { vmId: 'vm-1' }, c))
    expect(refused.ok).toBe(true)
    await on.agents[1]!.changed([], [domain(1).uuid])
    expect(on.control.world.tables.vm.get('vm-1')).toMatchObject({ hostId: 'host-1', alsoOn: [] })
    expect(await kinds(on, 'vm.twice')).toHaveLength(1)
  })

  it('says nothing of what a silent host runs', async () => {
    const on = await estate(2)
    on.agents[0]!.lose()
    await on.clock.pass(4_000)
    expect(on.control.world.tables.host.get('host-1')!.state).toBe('suspect')
    on.agents[1]!.connect(on.control)
    await on.agents[1]!.hello()
    await on.agents[1]!.sayReport()
    await on.agents[1]!.changed([domain(1)])
    expect(on.control.world.tables.vm.get('vm-1')).toMatchObject({ hostId: 'host-1', power: 'running' })
    expect(on.control.world.tables.vm.size).toBe(2)
  })

  it('vanished, and came up elsewhere while its home was silent: its home is asked when it is back', async () => {
    const on = await estate(2)
    const [source, target] = on.agents
    source!.domains = []
    await source!.sayReport()
    expect(on.control.world.tables.vm.get('vm-1')!.power).toBe('missing')
    source!.lose()
    for (let n = 0; n < 4; n += 1) {
      target!.heartbeat()
      await on.clock.pass(1_000)
    }
    expect(on.control.world.tables.host.get('host-1')!.state).toBe('suspect')
    await target!.changed([domain(1)])
    expect(on.control.world.tables.vm.get('vm-1')).toMatchObject({ hostId: 'host-1', power: 'missing' })
    source!.connect(on.control)
    await source!.hello()
    await source!.sayReport()
    expect(on.control.world.tables.vm.get('vm-1')).toMatchObject({ hostId: 'host-2', power: 'running' })
  })

  it('vanished', async () => {
    const on = await estate(1)
    on.agents[0]!.domains = []
    await on.agents[0]!.sayReport()
    expect(on.control.world.tables.vm.get('vm-1')!.power).toBe('missing')
    expect(await kinds(on, 'vm.vanished')).toHaveLength(1)
    await on.agents[0]!.sayReport()
    expect(await kinds(on, 'vm.vanished')).toHaveLength(1)
  })
})

describe('a copy of a host', () => {
  it('proves nothing of the host that is heard beside it', async () => {
    const on = await estate(2)
    const [host] = on.agents
    const copy = new TestAgent('esx-1', host!.keys)
    copy.hostId = host!.hostId
    copy.bootId = 'another boot'
    for (let second = 0; second < 6; second += 1) {
      host!.heartbeat()
      copy.connect(on.control)
      await copy.hello()
      await on.clock.pass(1_000)
    }
    expect(on.control.world.tables.host.get('host-1')).toMatchObject({
      state: 'connected',
      facts: { bootId: 'boot-1' },
    })
    expect(on.control.world.tables.vm.get('vm-1')!.power).toBe('running')
    expect((await kinds(on, 'host.refused'))[0]!.body).toMatchObject({ fault: 'claimed_twice' })
    // Nor when the host is cut off for a while.
    await on.clock.pass(10_000)
    copy.connect(on.control)
    await copy.hello()
    expect(on.control.world.tables.host.get('host-1')).toMatchObject({ state: 'suspect', proof: null })
  })

  it('is not what a host is that has booted in no time', async () => {
    const on = await estate(2)
    const [host] = on.agents
    host!.heartbeat()
    const booted = new TestAgent('esx-1', host!.keys)
    booted.hostId = host!.hostId
    booted.bootId = 'boot-2'
    booted.connect(on.control)
    await booted.hello()
    expect(booted.closedBecause).toContain('try again')
    await on.clock.pass(2_000)
    booted.connect(on.control)
    expect(await booted.hello()).toMatchObject({ heartbeatMs: 1_000 })
    expect(on.control.world.tables.vm.get('vm-1')!.power).toBe('off')
  })
})

describe('silence', () => {
  it('makes a host suspect after 3 s, and a heartbeat clears it', async () => {
    const { control, clock, agents } = await estate(1)
    const beat = async (seconds: number) => {
      for (let n = 0; n < seconds; n += 1) {
        agents[0]!.heartbeat()
        await clock.pass(1_000)
      }
    }
    await beat(5)
    expect(control.world.tables.host.get('host-1')!.state).toBe('connected')
    await clock.pass(3_500)
    expect(control.world.tables.host.get('host-1')!.state).toBe('suspect')
    agents[0]!.heartbeat()
    await settled()
    expect(control.world.tables.host.get('host-1')!.state).toBe('connected')
  })

  it('is nobody’s fault when control itself stood still', async () => {
    const { control, clock, agents } = await estate(1)
    agents[0]!.heartbeat()
    await clock.pass(1_000)
    clock.jump(60_000)
    await clock.pass(500)
    expect(control.world.tables.host.get('host-1')!.state).toBe('connected')
    await clock.pass(4_000)
    expect(control.world.tables.host.get('host-1')!.state).toBe('suspect')
  })

  it('does not stop heartbeats or lose reports while the database is away', async () => {
    const { control, clock, agents, store } = await estate(1)
    const [agent] = agents
    store.away = true
    expect(await agent!.changed([domain(1, 'off')])).toMatchObject({
      refused: expect.stringContaining('database'),
    })
    let looked = 0
    for (let n = 0; n < 30; n += 1) {
      agent!.heartbeat()
      if (agent!.closedBecause) {
        expect(agent!.closedBecause).toContain('another one may')
        agent!.closedBecause = null
        agent!.connect(control)
        expect(await agent!.hello()).toMatchObject({ term: 1 })
        looked += 1
      }
      await clock.pass(1_000)
    }
    // Another daemon may lead by now, which the agent can only find out by looking: soon, and then now and again.
    expect(looked).toBeGreaterThanOrEqual(3)
    expect(looked).toBeLessThanOrEqual(5)
    expect(control.health().databaseAwaySince).not.toBeNull()
    store.away = false
    for (let n = 0; n < 3; n += 1) {
      agent!.heartbeat()
      await clock.pass(1_000)
    }
    expect(control.health().databaseAwaySince).toBeNull()
    expect(await agent!.sayReport()).toEqual({ received: true })
    expect(control.world.tables.vm.get('vm-1')!.power).toBe('off')
    expect(control.world.tables.host.get('host-1')!.state).toBe('connected')
  })
})

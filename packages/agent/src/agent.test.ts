import { FenceError, type Fencing, noFencing } from '@drover/fencing'
import {
  demoDescription,
  SimulatedBeats,
  SimulatedDatacenter,
  SimulatedHypervisor,
  VirtualClock,
} from '@drover/hypervisor/simulated'
import type { CommandBody } from '@drover/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import { Agent, type AgentPorts } from './agent'
import { MemoryJournal } from './journal/memory'
import { enrol } from './line/enrol'
import type { Log } from './ports'
import { TestControl } from './testing/control'
import { keysOf } from './testing/keys'

const silent: Log = { info() {}, warn() {}, error() {} }

let clock: VirtualClock
let datacenter: SimulatedDatacenter
let control: TestControl
let journal: MemoryJournal
let agent: Agent
let vm: string
let other: string

const keys = keysOf('source')

function makeAgent(signer = keys, more: Partial<AgentPorts> = {}): Agent {
  const hypervisor = new SimulatedHypervisor(datacenter, 'alpha-01')
  const beats = new SimulatedBeats(datacenter, 'alpha-01')
  const machine = {
    uptimeMs: () => clock.now(),
    shutdown: async () => {},
    goesDown: async () => false,
    reaches: async () => true,
    watchdog: null,
  }
  let draws = 0
  const random = () => (draws++ % 10) / 10
  return new Agent(
    {
      hypervisor,
      beats,
      machine,
      fencing: null,
      dial: control.dial,
      clock,
      journal,
      keys: signer,
      log: silent,
      random,
      ...more,
    },
    { hostId: 'host-1', address: '10.0.0.1', version: '0.1.0', bootId: 'boot-1', selfFence: null },
  )
}

const migrate = (uuid: string, more: Partial<CommandBody & { kind: 'vm.migrate' }> = {}): CommandBody => ({
  kind: 'vm.migrate',
  uuid,
  targetAddress: datacenter.host('alpha-02').is.address,
  disks: [],
  bandwidthBytesPerSecond: null,
  downtimeMs: null,
  autoConverge: true,
  postCopy: false,
  deadlineMs: null,
  ...more,
})

beforeEach(async () => {
  clock = new VirtualClock()
  const clusters = [{ name: 'Alpha', prefix: 'alpha', hosts: 2, vms: 12 }]
  datacenter = SimulatedDatacenter.from(demoDescription({ seed: 3, clusters }), clock)
  const running = [...datacenter.host('alpha-01').domains.values()].filter(
    (d) => d.guest && !d.disks[0]!.path.startsWith('/srv/local'),
  )
  vm = running[0]!.uuid
  other = running[1]!.uuid
  control = new TestControl(clock)
  control.keys.set('host-1', keys.publicKey)
  journal = new MemoryJournal()
  agent = makeAgent()
  await agent.start()
  await clock.advance(1_500)
})

describe('the line', () => {
  test('proves itself, reports everything and then beats every second', async () => {
    expect(control.reports).toHaveLength(1)
    expect(control.reports[0]!.domains.length).toBeGreaterThan(2)
    expect(control.reports[0]!.datastores.length).toBe(3)
    const before = control.heartbeats.length
    await clock.advance(10_000)
    expect(control.heartbeats.length - before).toBe(10)
    const last = control.heartbeats.at(-1)!
    expect(last.usage!.cpu).toBeGreaterThan(0)
    expect(last.vms[vm]!.cpu).toBeGreaterThan(0)
  })

  test('a wrong key is refused, and it goes on asking slowly', async () => {
    await agent.stop()
    control.reports.length = 0
    agent = makeAgent(keysOf('somebody else'))
    await agent.start()
    await clock.advance(60_000)
    expect(control.reports).toHaveLength(0)
    expect(control.refusals.length).toBeGreaterThan(2)
    expect(control.refusals.length).toBeLessThan(12)
  })

  test('comes back when control does, and reports anew', async () => {
    control.up = false
    control.cut()
    await clock.advance(30_000)
    expect(agent.connected).toBe(false)
    control.up = true
    await clock.advance(8_000)
    expect(agent.connected).toBe(true)
    expect(control.reports).toHaveLength(2)
  })

  test('enrols once with a token; a used token is refused in words', async () => {
    control.tokens.add('token-123456')
    const ports = { dial: control.dial, clock, keys: keysOf('new') }
    const as = { token: 'token-123456', name: 'new', address: '10.0.0.9' }
    expect(await clock.until(enrol(ports, as))).toBe('host-2')
    await expect(clock.until(enrol(ports, as))).rejects.toThrow('The join token is not valid.')
  })

  test('what makes no sense is refused and harms nothing', async () => {
    expect(await control.say('command', { id: 'task-1/1', term: 1, body: { kind: 'vm.explode' } })).toEqual({
      refused: expect.stringContaining('makes no sense'),
    })
    expect(await control.say('sing', {})).toEqual({ refused: 'This agent does not know sing.' })
    expect(agent.connected).toBe(true)
  })

  test('a full report and a definition on request', async () => {
    const report = (await control.say('ask', { what: 'report' })) as { n: number; domains: unknown[] }
    expect(report.n).toBe(2)
    expect(await control.say('ask', { what: 'definition', uuid: vm })).toMatchObject({
      definition: { format: 'simulated', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    })
  })
})

describe('fence programs for control', () => {
  const ask = {
    what: 'fence',
    term: 1,
    agent: 'fence_ipmilan',
    action: 'status',
    params: { ip: 'bmc', password: 'hunter2' },
    timeoutMs: 5_000,
  }

  test('run with what they need, of which nothing is logged or written down', async () => {
    await agent.stop()
    const seen: unknown[] = []
    const lines: string[] = []
    const log = (message: string, fields?: object) => lines.push(message + JSON.stringify(fields ?? {}))
    const fencing: Fencing = {
      ...noFencing,
      run: async (action, target) => {
        seen.push([action, target])
        if (target.params.ip === 'gone') throw new FenceError('There is no route to it.')
        return { power: 'off', message: 'It is off.' }
      },
    }
    agent = makeAgent(keys, { fencing, log: { info: log, warn: log, error: log } })
    await agent.start()
    await clock.advance(1_500)
    expect(await control.say('ask', ask)).toEqual({ power: 'off', message: 'It is off.' })
    const { agent: program, params, timeoutMs } = ask
    expect(seen).toEqual([['status', { agent: program, params, timeoutMs }]])
    const gone = { ...ask, params: { ...params, ip: 'gone' } }
    expect(await control.say('ask', gone)).toEqual({ refused: 'There is no route to it.' })
    expect(await control.say('ask', { ...ask, agent: 'rm -rf' })).toMatchObject({
      refused: expect.stringContaining('makes no sense'),
    })
    expect(lines.length).toBeGreaterThan(1)
    expect(lines.join()).not.toContain('hunter2')
    expect(JSON.stringify(await journal.read())).not.toContain('hunter2')
  })

  test('are not run for a control daemon that another has taken over from', async () => {
    await agent.stop()
    const seen: unknown[] = []
    const run = async () => {
      seen.push(1)
      return { power: 'off', message: '' } as const
    }
    agent = makeAgent(keys, { fencing: { ...noFencing, run } })
    await agent.start()
    await clock.advance(1_500)
    await control.command('task-1/1', { kind: 'vm.inspect', uuid: vm }, 2)
    expect(await control.say('ask', ask)).toEqual({ refused: 'Term 1 is over.' })
    expect(await control.say('ask', { ...ask, term: 2 })).toMatchObject({ power: 'off' })
    expect(seen).toHaveLength(1)
  })

  test('an agent without any says so', async () => {
    expect(await control.say('ask', ask)).toEqual({ refused: 'This agent runs no fence programs.' })
  })
})

describe('what changes', () => {
  test('is said at once', async () => {
    const outside = new SimulatedHypervisor(datacenter, 'alpha-01')
    await clock.until(outside.suspend(vm))
    await clock.advance(50)
    expect(control.changes.at(-1)!.domains).toMatchObject([{ uuid: vm, state: 'paused' }])
    await clock.until(outside.stop(other))
    await clock.until(outside.undefine(other))
    await clock.advance(50)
    expect(control.changes.at(-1)!.removed).toEqual([other])
  })

  test('is said within two seconds when the event was lost', async () => {
    const domain = datacenter.host('alpha-01').domains.get(vm)!
    domain.reason = 'nobody was told'
    await clock.advance(2_000)
    expect(control.changes.at(-1)!.domains).toMatchObject([{ uuid: vm, reason: 'nobody was told' }])
  })

  test('grows by one in number with everything said', async () => {
    const outside = new SimulatedHypervisor(datacenter, 'alpha-01')
    for (let i = 0; i < 3; i++) {
      await clock.until(outside.suspend(vm))
      await clock.until(outside.resume(vm))
    }
    await clock.advance(100)
    const numbers = [...control.reports, ...control.changes].map((m) => m.n).sort((a, b) => a - b)
    expect(numbers).toEqual(numbers.map((_, index) => index + 1))
  })
})

describe('commands', () => {
  test('run once, however often they are sent', async () => {
    const body: CommandBody = { kind: 'vm.reset', uuid: vm }
    const boots = new Set<number>()
    const note = () => boots.add(datacenter.host('alpha-01').domains.get(vm)!.guest!.bootId)
    note()
    const acks = [control.command('task-1/1', body), control.command('task-1/1', body)]
    expect(await Promise.all(acks)).toEqual([{ accepted: true }, { accepted: true }])
    await clock.advance(500)
    note()
    expect(await control.command('task-1/1', body)).toEqual({ accepted: true })
    await clock.advance(500)
    note()
    expect(boots.size).toBe(2)
    expect(control.results.map((r) => r.result)).toEqual([
      { ok: true, data: null },
      { ok: true, data: null },
    ])
  })

  test('another command under a used id is refused', async () => {
    await control.command('task-1/1', { kind: 'vm.suspend', uuid: vm })
    expect(await control.command('task-1/1', { kind: 'vm.stop', uuid: vm })).toEqual({
      refused: 'task-1/1 was another command before.',
    })
  })

  test('a deposed leader is not obeyed, also after a restart', async () => {
    expect(await control.command('task-1/1', { kind: 'vm.suspend', uuid: vm }, 7)).toEqual({ accepted: true })
    const old = { refused: 'Term 6 is over: this agent has heard of term 7.' }
    expect(await control.command('task-1/2', { kind: 'vm.stop', uuid: vm }, 6)).toEqual(old)
    await agent.stop()
    control.term = 7
    agent = makeAgent()
    await agent.start()
    await clock.advance(1_500)
    expect(await control.command('task-1/3', { kind: 'vm.stop', uuid: vm }, 6)).toEqual(old)
    expect(datacenter.runningOn(vm).length + datacenter.activeOn(vm).length).toBe(1)
  })

  test('progress comes at most twice a second, and the result with it', async () => {
    await control.command('task-2/1', migrate(vm, { bandwidthBytesPerSecond: 400_000_000 }))
    await clock.advance(120_000)
    const result = control.result('task-2/1')
    expect(result).toMatchObject({ ok: true, data: { downtimeMs: expect.any(Number) } })
    const totalMs = (result as { data: { totalMs: number } }).data.totalMs
    expect(control.progress.length).toBeGreaterThan(2)
    expect(control.progress.length).toBeLessThanOrEqual(totalMs / 500 + 1)
    expect(datacenter.runningOn(vm)).toEqual(['alpha-02'])
    expect(control.changes.at(-1)!.removed).toEqual([vm])
  })

  test('a migration can be called off, and the VM stays', async () => {
    await control.command('task-2/1', migrate(vm, { bandwidthBytesPerSecond: 1_000_000 }))
    await clock.advance(5_000)
    control.say('cancel', { commandId: 'task-2/1', term: 1 })
    await clock.advance(1_000)
    expect(control.result('task-2/1')).toMatchObject({ ok: false, error: 'aborted' })
    expect(datacenter.runningOn(vm)).toEqual(['alpha-01'])
  })

  test('a command that is called off while it is being accepted never begins', async () => {
    const accepted = control.command('task-2/1', { kind: 'vm.shutdown', uuid: vm, deadlineMs: 60_000 })
    control.say('cancel', { commandId: 'task-2/1', term: 1 })
    expect(await accepted).toEqual({ accepted: true })
    await clock.advance(20_000)
    expect(control.result('task-2/1')).toMatchObject({ ok: false, error: 'aborted' })
    expect(datacenter.runningOn(vm)).toEqual(['alpha-01'])
  })

  test('a long command on one VM delays neither another VM, nor a look, nor the heartbeat', async () => {
    await control.command('task-2/1', migrate(vm, { bandwidthBytesPerSecond: 1_000_000 }))
    await control.command('task-3/1', { kind: 'vm.suspend', uuid: vm })
    await control.command('task-4/1', { kind: 'vm.suspend', uuid: other })
    await clock.advance(500)
    await control.command('task-5/1', { kind: 'vm.inspect', uuid: vm })
    const beats = control.heartbeats.length
    await clock.advance(3_000)
    expect(control.heartbeats.length - beats).toBe(3)
    expect(control.result('task-3/1')).toBeNull()
    expect(control.result('task-4/1')).toMatchObject({ ok: true })
    expect(control.result('task-5/1')).toMatchObject({ ok: true, data: { domain: { job: 'migration-out' } } })
  })

  test('a shutdown waits for the guest; one that the guest ignores ends at its deadline and leaves it running', async () => {
    await control.command('task-1/1', { kind: 'vm.shutdown', uuid: vm, deadlineMs: 60_000 })
    await clock.advance(15_000)
    expect(control.result('task-1/1')).toEqual({ ok: true, data: null })
    expect(datacenter.activeOn(vm)).toEqual([])
    await control.command('task-1/2', { kind: 'vm.start', uuid: vm })
    await clock.advance(1_000)
    await control.command('task-1/3', { kind: 'vm.shutdown', uuid: vm, deadlineMs: 3_000 })
    await clock.advance(5_000)
    expect(control.result('task-1/3')).toMatchObject({ ok: false, error: 'deadline' })
    expect(datacenter.runningOn(vm)).toEqual(['alpha-01'])
  })
})

describe('trouble', () => {
  test('a result is said until control has it, across a lost line', async () => {
    await control.command('task-2/1', migrate(vm, { bandwidthBytesPerSecond: 200_000_000 }))
    await clock.advance(1_000)
    control.up = false
    control.cut()
    await clock.advance(200_000)
    expect(datacenter.runningOn(vm)).toEqual(['alpha-02'])
    expect(control.results).toHaveLength(0)
    control.up = true
    await clock.advance(10_000)
    expect(control.result('task-2/1')).toMatchObject({ ok: true })
    expect(control.results).toHaveLength(1)
  })

  test('a result that control could not keep is said again', async () => {
    control.takesResults = false
    await control.command('task-1/1', { kind: 'vm.suspend', uuid: vm })
    await clock.advance(10_000)
    expect(control.results.length).toBeGreaterThan(3)
    control.takesResults = true
    await clock.advance(3_000)
    const said = control.results.length
    await clock.advance(60_000)
    expect(control.results.length).toBe(said)
  })

  test('killed in the middle of a migration, the next life rejoins it and tells its end', async () => {
    await control.command('task-2/1', migrate(vm, { bandwidthBytesPerSecond: 200_000_000 }))
    await clock.advance(2_000)
    await agent.stop()
    control.cut()
    await clock.advance(1_000)
    agent = makeAgent()
    await agent.start()
    await clock.advance(200_000)
    expect(control.result('task-2/1')).toMatchObject({ ok: true, data: { totalMs: expect.any(Number) } })
    expect(datacenter.runningOn(vm)).toEqual(['alpha-02'])
  })

  test('killed, and the migration over before the next life: interrupted, never a guess', async () => {
    await control.command('task-2/1', migrate(vm))
    await clock.advance(500)
    await agent.stop()
    control.cut()
    await clock.advance(300_000)
    expect(datacenter.runningOn(vm)).toEqual(['alpha-02'])
    agent = makeAgent()
    await agent.start()
    await clock.advance(5_000)
    expect(control.result('task-2/1')).toMatchObject({ ok: false, error: 'interrupted' })
  })

  test('killed in a reboot: interrupted; killed in a start: done again when control still asks for it', async () => {
    await control.command('task-1/1', { kind: 'vm.reboot', uuid: vm, deadlineMs: 60_000 })
    await clock.until(new SimulatedHypervisor(datacenter, 'alpha-01').stop(other))
    await control.command('task-2/1', { kind: 'vm.start', uuid: other })
    await agent.stop()
    control.cut()
    agent = makeAgent()
    await agent.start()
    await clock.advance(5_000)
    expect(control.result('task-1/1')).toMatchObject({ ok: false, error: 'interrupted' })
    expect(control.result('task-2/1')).toBeNull()
    expect(await control.command('task-2/1', { kind: 'vm.start', uuid: other })).toEqual({ accepted: true })
    await clock.advance(2_000)
    expect(control.result('task-2/1')).toEqual({ ok: true, data: null })
  })

  test('a hypervisor that is away silences the figures, not the heart', async () => {
    datacenter.host('alpha-01').on = false
    await clock.advance(10_000)
    const beats = control.heartbeats.length
    await clock.advance(5_000)
    expect(control.heartbeats.length - beats).toBe(5)
    expect(control.heartbeats.at(-1)!.usage).toBeNull()
    datacenter.host('alpha-01').on = true
    await clock.advance(3_000)
    expect(control.heartbeats.at(-1)!.usage).not.toBeNull()
  })
})

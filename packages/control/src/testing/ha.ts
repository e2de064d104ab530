import { decideChangeHa, decideCreateFence } from '@drover/engine'
import { type FenceAction, FenceError, type FenceTarget, type Fencing } from '@drover/fencing'
import type { FenceAnswer, FenceId, HaSettings, HostState } from '@drover/model'
import type { Beat, LastWords } from '@drover/protocol'
import { expect } from 'vitest'
import { settled, type TestClock } from './clock'
import { ada, daemon, domain, estate, stage, type TestAgent } from './daemon'

export const shared = '00000000-0000-4000-8000-0000000000aa'

/** How a fence device behaves: as it should, not at all, or it says that it obeys and does not; or it says off and lies. */
type Temper = 'sound' | 'dead' | 'deaf' | 'lying'

/** A data centre whose hosts can lose power, hang, and be cut off, on a virtual clock. */
export class Site {
  readonly power = new Map<string, 'on' | 'off'>()
  readonly temper = new Map<string, Temper>()
  readonly runs: { action: FenceAction; ip: string; params: Record<string, string> }[] = []
  /** Agents that say nothing; hosts that do nothing at all; hosts that cannot reach control. */
  readonly silent = new Set<string>()
  readonly dead = new Set<string>()
  readonly cutOff = new Set<string>()
  /** Hosts that reach no other host; that read what is on the datastores no more, and say again what they read last. */
  readonly blind = new Set<string>()
  readonly stuck = new Map<string, { agoMs: number; beats: Beat[] }>()
  /** Hosts on which nothing but the agent answers others; what the last heartbeat of an agent says that was stopped. */
  readonly mute = new Set<string>()
  readonly words = new Map<string, LastWords>()
  /** Whether control reaches its reference addresses. */
  reachable = true
  /** What a run takes. */
  runMs = 200
  #n = 0
  #stage = stage()
  control!: Awaited<ReturnType<typeof estate>>['control']
  agents: TestAgent[] = []

  get clock(): TestClock {
    return this.#stage.clock
  }

  get store() {
    return this.#stage.store
  }

  static async of(hosts: number, { devices = true, selfFence = false, watchdog = true } = {}): Promise<Site> {
    const site = new Site()
    const { control, agents } = await estate(hosts, daemon(site.#stage, 'control-1', site.ports))
    site.control = control
    site.agents = agents
    for (const agent of agents) {
      if (selfFence) agent.selfFence = { watchdog }
      await agent.sayReport()
      site.power.set(agent.name, 'on')
      if (devices) await site.addDevice(agent.name)
    }
    await site.pass(5)
    return site
  }

  async addDevice(host: string, level = 1, set: object = {}): Promise<FenceId> {
    const hostId = this.host(host).id
    const device = {
      hostId,
      name: `bmc${level} of ${host}`,
      level,
      agent: 'fence_ipmilan',
      params: { ip: `${host}/${level}` },
      sealed: { password: 'sealed pass' },
      viaHostId: null,
      delayMs: 0,
      retries: 0,
      timeoutMs: 5_000,
      enabled: true,
      ...set,
    }
    const made = await this.control.propose(ada, (w, c) => decideCreateFence(w, device, c))
    if (!made.ok) throw new Error(JSON.stringify(made.refusals))
    return made.value.fenceId
  }

  /** A second daemon on the same database, to take over. */
  another() {
    return daemon(this.#stage, 'control-2', this.ports)
  }

  host(name: string) {
    return [...this.control.world.tables.host.values()].find((host) => host.name === name)!
  }
  state(name: string): HostState {
    return this.host(name).state
  }
  agent(name: string): TestAgent {
    return this.agents.find((agent) => agent.name === name)!
  }
  incident(name: string) {
    return [...this.control.world.tables.incident.values()].find((one) => one.host?.name === name)
  }
  alarms(): string[] {
    return [...this.control.world.index.openAlarms].map((id) => this.control.world.tables.alarm.get(id)!.code)
  }

  /** Seconds pass; every agent that can says its heartbeat, with what it reads of the others and whom it reaches. */
  async pass(seconds: number, until?: () => boolean): Promise<number> {
    for (let second = 0; second < seconds; second += 1) {
      if (until?.()) return second
      this.#n += 1
      for (const agent of this.agents) this.#beat(agent)
      await this.clock.pass(1_000)
      await settled()
    }
    return seconds
  }

  /** Until a host is in a state; answers after how many seconds. */
  async until(name: string, state: HostState, seconds = 120): Promise<number> {
    const after = await this.pass(seconds, () => this.state(name) === state)
    if (this.state(name) !== state) throw new Error(`${name} is ${this.state(name)}`)
    return after
  }

  losePower(name: string): void {
    this.power.set(name, 'off')
    this.die(name)
  }
  /** Hangs: nothing of it does anything any more, but it has power. */
  die(name: string): void {
    this.dead.add(name)
    this.agent(name).lose()
  }

  /** Its agent is stopped in an orderly way. `via`: whom that reaches. */
  async stopAgent(name: string, { goesDown = false, via = ['control', 'storage'] } = {}): Promise<void> {
    const words = { why: 'SIGTERM', goesDown }
    const agent = this.agent(name)
    if (via.includes('storage')) {
      this.words.set(name, words)
      this.#beats.set(agent.hostId, ++this.#n)
    }
    const running = agent.domains.map(({ uuid }) => uuid)
    if (via.includes('control'))
      expect(await agent.say('goodbye', { ...words, running })).toEqual({ received: true })
    this.silent.add(name)
    agent.lose()
  }
  /** It runs again. */
  async startAgent(name: string): Promise<void> {
    const agent = this.agent(name)
    this.words.delete(name)
    this.silent.delete(name)
    agent.connect(this.control)
    await agent.hello()
    await agent.sayReport()
  }

  readonly #still = new Set<string>()
  /** Its heartbeat does not reach its datastores any more. */
  stillBeats(name: string): void {
    this.#still.add(name)
  }

  readonly #read = new Map<string, Beat[]>()
  /** Its datastores do not answer it any more. */
  stick(name: string): void {
    this.stuck.set(name, { agoMs: 1_000, beats: this.#read.get(name)! })
  }

  readonly #beats = new Map<string, number>()
  #beat(agent: TestAgent): void {
    const up = (name: string) => !this.dead.has(name) && this.power.get(name) !== 'off'
    if (!up(agent.name) || this.silent.has(agent.name)) return
    if (!this.#still.has(agent.name)) this.#beats.set(agent.hostId, this.#n)
    if (this.cutOff.has(agent.name)) return
    const read: Beat[] = this.agents
      .filter((other) => other !== agent && this.#beats.has(other.hostId))
      .map((other) => ({
        hostId: other.hostId,
        bootId: other.bootId,
        n: this.#beats.get(other.hostId)!,
        alone: this.cutOff.has(other.name),
        running: other.domains.filter(({ state }) => state === 'running').map(({ uuid }) => uuid),
        ...(this.words.has(other.name) ? { goodbye: this.words.get(other.name) } : {}),
      }))
    const answers = ({ name }: TestAgent) =>
      up(name) && !this.cutOff.has(name) && !(this.silent.has(name) && this.mute.has(name))
    const peers = this.agents
      .filter((other) => other !== agent)
      .map((other) => ({ hostId: other.hostId, ok: !this.blind.has(agent.name) && answers(other), agoMs: 0 }))
    const { agoMs, beats } = this.stuck.get(agent.name) ?? { agoMs: 0, beats: read }
    if (this.stuck.has(agent.name)) this.stuck.set(agent.name, { agoMs: agoMs + 1_000, beats })
    else this.#read.set(agent.name, read)
    const storage = [{ uuid: shared, ok: true, agoMs, beats }]
    agent.heartbeat({ n: this.#n, usage: null, vms: {}, storage, peers })
  }

  get ports() {
    return { fencing: this.fencing, reaches: async () => this.reachable }
  }

  // ---- Fencing

  readonly #describe: Fencing['describe'] = async (agent) => ({
    agent,
    description: 'a device of the tests',
    parameters: ['ip', 'password'].map((name) => ({
      name,
      type: 'string',
      required: true,
      secret: name === 'password',
      default: null,
      options: [],
      description: name,
    })),
  })

  readonly fencing: Fencing = {
    agents: async () => ['fence_ipmilan'],
    describe: (agent) => this.#describe(agent),
    run: (action, target) => this.#run(action, target),
  }

  async #run(action: FenceAction, { params }: FenceTarget): Promise<FenceAnswer> {
    const ip = params.ip!
    const host = ip.split('/')[0]!
    this.runs.push({ action, ip, params })
    await new Promise<void>((resolve) => this.clock.setTimer(this.runMs, resolve))
    const temper = this.temper.get(ip) ?? 'sound'
    if (temper === 'dead') throw new FenceError('no route to the device with password pass')
    if (action === 'off' && temper === 'sound') {
      this.power.set(host, 'off')
      if (!this.dead.has(host)) this.die(host)
    }
    if (action === 'on' && temper === 'sound') this.power.set(host, 'on')
    if (action === 'soft') return { power: 'unknown', message: 'restarted' }
    return { power: temper === 'lying' ? 'off' : this.power.get(host)!, message: '' }
  }
}

export { ada, domain }

/** Changes how the site's cluster looks after its VMs. */
export async function settings(site: Site, changes: Partial<HaSettings>): Promise<void> {
  const input = { clusterId: 'cluster-1', changes }
  const changed = await site.control.propose(ada, (world, ctx) => decideChangeHa(world, input, ctx))
  if (!changed.ok) throw new Error(`refused: ${JSON.stringify(changed.refusals)}`)
}

/** What an incident of a host has marked so far. */
export const marks = (site: Site, name: string) => site.incident(name)!.marks.map(({ mark }) => mark)

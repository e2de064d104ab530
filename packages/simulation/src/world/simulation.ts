import type { Beats } from '@drover/agent'
import { type Decide, decideCreateCluster, decideCreateDatacenter } from '@drover/engine'
import type { Fencing } from '@drover/fencing'
import type { Hypervisor } from '@drover/hypervisor'
import { type DatacenterDescription, plug, SimulatedDatacenter } from '@drover/hypervisor/simulated'
import { type Initiator, isOpen, type World } from '@drover/model'
import type { Command } from '@drover/protocol'
import { type Batch, MemoryStore, type Store } from '@drover/store'
import { allCheckers, Breach, type Checker, type Scene } from '../checkers'
import { VirtualClock } from '../clock/virtual-clock'
import { Points } from '../faults/points'
import { Device, type DeviceDescription } from '../fence/device'
import { SimulatedFencing } from '../fence/fencing'
import { Ledger } from '../ledger/ledger'
import { Log } from '../log/log'
import { Network } from '../network/network'
import type { Tap } from '../network/rpc'
import type { Life } from '../process/life'
import { Random } from '../random/random'
import { StoreService } from '../store/service'
import { Browser } from './browser'
import { Caretaker } from './caretaker'
import { Daemon } from './daemon'
import { describeDatacenter } from './description'
import { Machine } from './machine'
import { bareSite, decideSite, type Site } from './site'
import { Witness } from './witness'

export interface SimulationOptions {
  seed: number
  description?: DatacenterDescription
  daemons?: string[]
  /** Chance that a message that may be repeated is. */
  repeats?: number
  checkers?: Checker[]
  plant?: Plant
  /** What operators have set up; when absent, nobody looks after anything. */
  site?: Partial<Site>
  /** More fence devices than those of the site, for who sets them up by other means. */
  devices?: DeviceDescription[]
  /** What the agent of a host does when it is alone; as the site says when absent. */
  selfFence?: (host: string) => { watchdog: boolean } | null
  /** From power to a running agent; as the site says when absent. */
  bootMs?: number
}

/** A bug put between the product and its surroundings, to see that a checker finds it. */
export interface Plant {
  store?(real: Store, clock: VirtualClock): Store
  hypervisor?(real: Hypervisor, truth: SimulatedDatacenter): Hypervisor
  /** Fence devices, as control and proxies run them. */
  fencing?(real: Fencing, truth: SimulatedDatacenter): Fencing
  /** Heartbeats on datastores, as the agent of a host reads and writes them. */
  beats?(real: Beats, host: string): Beats
}

/** Who asks for things in a simulation. */
export const anna: Initiator = { kind: 'user', id: 'user-anna', name: 'anna' }

/** What somebody who asked control for something got. `unanswered`: the daemon died, it may or may not have happened. */
export type Answer<V> =
  | { kind: 'ok'; value: V }
  | { kind: 'refused'; codes: string[] }
  | { kind: 'unanswered' }

/** A whole installation from one seed: daemons, hosts with agents, hypervisors, wires, the store, somebody looking on. */
export class Simulation implements Scene {
  readonly clock = new VirtualClock()
  readonly random: Random
  readonly log: Log
  readonly points = new Points()
  readonly ledger = new Ledger()
  readonly network: Network
  readonly store: StoreService
  readonly truth: SimulatedDatacenter
  readonly daemons = new Map<string, Daemon>()
  readonly machines = new Map<string, Machine>()
  readonly devices = new Map<string, Device>()
  readonly browser = new Browser('browser')
  readonly accepted = new Map<string, { at: number }>()
  readonly sent: Scene['sent'] = []
  readonly meddled = new Map<string, number>()
  readonly strays = new Set<string>()
  readonly witness: Witness
  readonly checkers: Checker[]
  readonly description: DatacenterDescription
  readonly site: Site
  stillSince: number | null = null
  /** The first thing that went wrong. */
  breach: Breach | null = null

  constructor(options: SimulationOptions) {
    this.random = new Random(options.seed)
    this.site = { ...bareSite, ...options.site }
    this.selfFence = options.selfFence ?? ((host) => this.site.selfFence[host] ?? null)
    this.checkers = options.checkers ?? allCheckers()
    this.description = options.description ?? describeDatacenter(options.seed)
    this.log = new Log(() => this.clock.now())
    this.network = new Network(this.clock, this.random.fork())
    const { plant = {} } = options
    const durable = this.recorded(new MemoryStore(this.clock))
    this.store = new StoreService(
      plant.store?.(durable, this.clock) ?? durable,
      this.clock,
      this.random.fork(),
      this.points,
    )
    this.truth = SimulatedDatacenter.from(this.description, this.clock)
    this.witness = new Witness(this.truth)
    this.truth.observer = {
      diskFailed: (uuid) => this.meddled.set(uuid, this.now()),
      beat: (datastore, { hostId }) => {
        const machine = [...this.machines.values()].find((one) => one.hostId === hostId)
        if (machine) this.witness.wrote(machine.name, datastore)
      },
    }
    const tap = this.tap(options.repeats ?? 0)
    const { clock, log, network, store, points, truth } = this
    const daemons = options.daemons ?? ['control-a', 'control-b']
    const fencing = (from: string) => (life: Life) => this.fencing(from, life, plant)
    for (const name of daemons) {
      const around = { clock, log, network, store, tap, random: this.random.fork(), fencing: fencing(name) }
      this.daemons.set(name, new Daemon(name, around))
    }
    for (const { name, address } of this.description.hosts) {
      const machine = new Machine(name, address, {
        ...{ clock, log, network, points, truth, tap, daemons, plant, random: this.random.fork() },
        selfFence: this.selfFence(name),
        fencing: fencing(name),
        neighbour: (at) => this.neighbour(at),
        fed: (host) => this.fed(host),
        wentDown: (host) => this.wentDown(host),
        cameUp: (host) => this.witness.cameUp(host),
      })
      machine.bootMs = options.bootMs ?? this.site.bootMs
      this.machines.set(name, machine)
    }
    for (const device of [...this.site.devices, ...(options.devices ?? [])]) this.addDevice(device)
    this.truth.disks.locks = this.site.locks
    this.clock.afterEach = () => this.look()
    this.ledger.listeners.push((batch) => {
      for (const { seq, body, taskId } of batch.events)
        log.add('history', `${seq} ${taskId ?? ''} ${JSON.stringify(body)}`)
    })
  }

  // ---- what checkers see ---------------------------------------------------------------------------------------

  readonly now = (): number => this.clock.now()

  get replicas() {
    return [this.browser.replica]
  }

  readonly leader = (): { name: string; term: number; seq: number; world: World } | null => {
    const daemon = this.leadingDaemon()
    if (!daemon?.control) return null
    const { term, seq } = daemon.control.health()
    return { name: daemon.name, term, seq, world: daemon.control.world }
  }

  leadingDaemon(): Daemon | null {
    let first: Daemon | null = null
    // Two may believe it for a moment; the younger term is right.
    for (const daemon of this.daemons.values()) {
      if (daemon.leads && (!first || daemon.control!.health().term > first.control!.health().term))
        first = daemon
    }
    return first
  }

  readonly selfFence: (host: string) => { watchdog: boolean } | null

  readonly released = (host: string) => this.machines.get(host)?.released ?? null

  readonly onDutySince = (host: string) => this.machines.get(host)?.onDutySince ?? 0

  /** How far clocks of daemons have been off so far, at most. */
  skewMs = (): number => this.mostSkewMs

  private mostSkewMs = 0

  /** The clock of a daemon's machine is set. */
  jumpClock(daemon: string, byMs: number): void {
    this.daemons.get(daemon)!.skewMs += byMs
    this.mostSkewMs += Math.abs(byMs)
  }

  // ---- setting up ----------------------------------------------------------------------------------------------

  /** Starts everything, enrols every host and waits until control knows every VM. */
  async begin(): Promise<void> {
    const daemons = [...this.daemons.values()]
    daemons[0]!.start()
    await this.wait('somebody leads', () => this.leadingDaemon() !== null, 30_000)
    for (const daemon of daemons.slice(1)) daemon.start()
    await this.must((world, ctx) => decideCreateDatacenter(world, { name: 'Home' }, ctx))
    const datacenterId = [...this.leader()!.world.tables.datacenter.values()][0]!.id
    for (const name of new Set(this.description.hosts.map((host) => host.cluster))) {
      await this.must((world, ctx) => decideCreateCluster(world, { datacenterId, name }, ctx))
    }
    const clusters = new Map(
      [...this.leader()!.world.tables.cluster.values()].map(({ id, name }) => [name, id]),
    )
    for (const { name, cluster } of this.description.hosts) {
      const control = this.leadingDaemon()!.control!
      const token = await this.answered(control.createJoinToken(anna, clusters.get(cluster)!))
      if (!token?.ok) throw new Error(`no join token for ${name}`)
      const machine = this.machines.get(name)!
      await this.answered(machine.join(token.value.token))
      machine.startAgent()
    }
    const vms = this.description.vms.length
    const known = (): boolean => this.leader()?.world.tables.vm.size === vms && this.allConnected()
    await this.wait('every host is connected and every VM known', known, 60_000)
    await this.must(decideSite(this.site))
    await this.advance(2_000)
  }

  allConnected(): boolean {
    const hosts = [...(this.leader()?.world.tables.host.values() ?? [])]
    return (
      hosts.length === this.machines.size &&
      hosts.every((host) => host.state === 'connected' || this.sleeps(host.name))
    )
  }

  /** Whether a host is off because nobody needs it. */
  sleeps(name: string): boolean {
    const row = [...this.ledger.folded.host.values()].find((host) => host.name === name)
    // Also one that has just gone down for it, which has yet to be proven.
    const meant = row?.mode === 'standby' || (row?.mode === 'entering' && row.standby !== undefined)
    return meant && !this.machines.get(name)!.powered
  }

  // ---- asking for things ---------------------------------------------------------------------------------------

  /** As an operator's click: goes to whoever leads, and is over when that daemon answers or dies. */
  async ask<V>(decide: Decide<V>): Promise<Answer<V>> {
    const daemon = this.leadingDaemon()
    if (!daemon) return { kind: 'refused', codes: ['not_leading'] }
    return (await this.answered(this.asked(daemon, decide))) ?? { kind: 'unanswered' }
  }

  /** The same without letting time go by; never settles when the daemon dies first. */
  async asked<V>(daemon: Daemon, decide: Decide<V>): Promise<Answer<V>> {
    if (!daemon.control) return { kind: 'refused', codes: ['not_leading'] }
    const answer = await daemon.control.propose(anna, decide)
    if (!answer.ok) return { kind: 'refused', codes: answer.refusals.map((refusal) => refusal.code) }
    const { taskId } = (answer.value ?? {}) as { taskId?: string }
    if (taskId) this.accepted.set(taskId, { at: this.now() })
    return { kind: 'ok', value: answer.value }
  }

  /** For what has to work for the run to make sense. */
  async must<V>(decide: Decide<V>): Promise<V> {
    const answer = await this.ask(decide)
    if (answer.kind !== 'ok') throw new Error(`asked in vain: ${JSON.stringify(answer)}`)
    return answer.value
  }

  /** What the promise comes to; undefined when nothing comes of it within a minute. */
  async answered<T>(promise: Promise<T>): Promise<T | undefined> {
    let outcome: { value: T } | { error: unknown } | undefined
    promise.then(
      (value) => {
        outcome = { value }
      },
      (error) => {
        outcome = { error }
      },
    )
    await this.until(() => outcome !== undefined, 60_000)
    if (!outcome) return undefined
    if ('error' in outcome) throw outcome.error
    return outcome.value
  }

  // ---- time ----------------------------------------------------------------------------------------------------

  async advance(ms: number): Promise<void> {
    await this.until(() => false, ms)
  }

  /** Lets time go by until it holds. Throws the breach, if one comes up. */
  async until(done: () => boolean, withinMs: number): Promise<boolean> {
    const held = await this.clock.until(() => this.breach !== null || done(), withinMs)
    if (this.breach) throw this.breach
    return held
  }

  async wait(what: string, done: () => boolean, withinMs: number): Promise<void> {
    if (!(await this.until(done, withinMs))) {
      throw new Breach('it goes on', `${what}: not within ${withinMs / 1000} s`)
    }
  }

  losePower(host: string): void {
    this.machines.get(host)!.losePower()
  }

  addDevice(is: DeviceDescription): Device {
    const { clock, devices } = this
    const outlets = () =>
      [...devices.values()].filter((other) => other.is.host === is.host && other.is.kind === 'outlet')
    const say = (text: string) => this.log.add(is.name, text)
    const device = new Device(is, this.machines.get(is.host)!, clock, outlets, say)
    devices.set(is.name, device)
    return device
  }

  private fed(host: string): boolean {
    const outlets = [...this.devices.values()].filter(({ is }) => is.host === host && is.kind === 'outlet')
    return outlets.length === 0 || outlets.some(({ outlet }) => outlet)
  }

  /** With a host goes whatever its VMs were doing: that nobody of ours did it is no lie. */
  private wentDown(host: string): void {
    this.witness.wentDown(host)
    for (const uuid of this.truth.host(host).domains.keys()) this.meddled.set(uuid, this.now())
  }

  private neighbour(address: string): { station: string; answers: () => boolean } | null {
    const host = this.truth.hostByAddress(address)
    const machine = host && this.machines.get(host.is.name)
    return machine ? { station: machine.name, answers: () => machine.answers } : null
  }

  private fencing(from: string, life: Life, plant: Plant): Fencing {
    const { network, devices, truth } = this
    const soft = (host: string): boolean => {
      const machine = this.machines.get(host)
      if (!machine?.powered || machine.frozen) return false
      machine.killAgent()
      machine.startAgent()
      return true
    }
    const real = new SimulatedFencing({ from, clock: life.clock(), network, devices, soft })
    return plant.fencing?.(real, truth) ?? real
  }

  /** From now on loads do not change, and nothing else is asked for. */
  still(): void {
    this.stillSince = this.now()
  }

  /** Ends every fault: wires mended, store back, everything powered and running. */
  mend(): void {
    this.log.add('world', 'is mended')
    this.network.healAll()
    this.store.comeBack()
    this.store.cutOff.clear()
    for (const device of this.devices.values()) {
      device.mend()
    }
    for (const host of this.truth.hosts.keys()) {
      for (const datastore of [...this.truth.host(host).storage.keys()]) plug(this.truth, host, datastore)
      this.machines.get(host)!.endShutdown()
      this.machines.get(host)!.thaw()
      this.truth.setLink(host, true)
      this.truth.host(host).slowness = 1
      for (const other of this.truth.hosts.keys()) if (other !== host) this.truth.setPath(host, other, true)
    }
    this.truth.faults.length = 0
    for (const daemon of this.daemons.values()) daemon.start()
    for (const machine of this.machines.values()) machine.startAgent()
    new Caretaker(this)
  }

  /** After `mend`: waits until every task has ended, then has every checker look at the world at rest. */
  async rest(withinMs = 1_200_000): Promise<void> {
    const end = this.now() + withinMs
    const calm = () => this.allConnected() && this.openTasks() === 0
    do await this.until(calm, end - this.now())
    while ((await this.until(() => !calm(), 25_000)) && this.now() < end)
    this.browser.follow(this.leadingDaemon())
    for (const checker of this.checkers) {
      const found = checker.atRest?.(this)[0]
      if (found) throw this.fail(checker.name, found)
    }
    const control = this.leadingDaemon()?.control
    const chain = control && (await this.answered(control.verifyHistory()))
    if (!chain?.ok) throw this.fail('history explains state', `the chain of hashes: ${JSON.stringify(chain)}`)
  }

  openTasks(): number {
    return [...this.ledger.folded.task.values()].filter(isOpen).length
  }

  /** Takes note of a breach; the first one counts. */
  fail(checker: string, sentence: string): Breach {
    this.breach ??= new Breach(checker, sentence)
    this.log.add('checker', this.breach.message)
    return this.breach
  }

  private look(): void {
    this.browser.follow(this.leadingDaemon())
    if (this.breach) return
    for (const checker of this.checkers) {
      const found = checker.always?.(this)[0]
      if (found) this.fail(checker.name, found)
    }
  }

  /** The store, with a note of every batch that it made durable. */
  private recorded(memory: MemoryStore): Store {
    return new Proxy(memory as Store, {
      get: (target, name) => {
        if (name !== 'commit') {
          const member: unknown = Reflect.get(target, name)
          return typeof member === 'function' ? member.bind(target) : member
        }
        return async (batch: Batch) => {
          await target.commit(batch)
          this.ledger.commit(structuredClone(batch))
        }
      },
    })
  }

  private tap(repeats: number): Tap {
    const random = this.random.fork()
    const quiet = new Set(['heartbeat', 'report', 'challenge', 'hello', 'ask'])
    const label = (event: string, payload: unknown): string => {
      const { id, commandId, body, result } = payload as Record<
        string,
        { kind?: string; ok?: boolean } & string
      >
      return [event, id ?? commandId, body?.kind, result && (result.ok ? 'ok' : 'failed')]
        .filter(Boolean)
        .join(' ')
    }
    return {
      leaving: (from, to, event, payload) => {
        if (quiet.has(event)) return
        const what = label(event, payload)
        if (event !== 'progress') this.log.add(from, `> ${to} ${what}`)
        this.points.pass(`${from} says ${what}`)
        if (event === 'command') {
          const { id, term, body } = payload as Command
          this.sent.push({ commandId: id, host: to, by: from, term, body, at: this.now() })
        }
      },
      arriving: (from, to, event, payload) => {
        this.witness.arrived(from, to, event, payload)
        if (!quiet.has(event) && event !== 'progress')
          this.points.pass(`${to} hears ${label(event, payload)}`)
      },
      repeats: (event) => {
        if (event === 'heartbeat' || repeats === 0 || !random.chance(repeats)) return null
        return random.chance(0.5) ? 0 : random.between(100, 20_000)
      },
    }
  }
}

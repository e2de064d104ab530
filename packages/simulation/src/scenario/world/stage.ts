import type { Decide } from '@drover/engine'
import { Random } from '../../random/random'
import { Simulation } from '../../world/simulation'
import type { Scenario } from '../format/scenario'
import { verbs } from '../ops/verbs'
import { Recorder } from '../trace/trace'
import { Watcher } from '../trace/watch'
import { describe } from './describe'
import { deviceOf, devicesOf } from './devices'
import { Guests } from './guests'
import { managersOf } from './managers'
import { decideBegin, decideSetUp, hostNamed, type Tiers, tiersOf } from './setup'

/** Refusals that go away by themselves: an operator tries again. */
const passing = new Set([
  'not_found',
  'not_leading',
  'database_away',
  'vm_busy',
  'host_busy',
  'host_task',
  'fence_in_use',
  'host_silent',
])
const askAgainMs = 2_000
const patienceMs = 300_000
/** Hosts that are away from the beginning are missed by then. */
const noticeMs = 20_000

/** A scenario's installation: what the operations of its timeline act on, and what writes down what comes of them. */
export class Stage {
  readonly sim: Simulation
  readonly recorder: Recorder
  readonly watcher: Watcher
  readonly guests: Guests
  /** The host that a control daemon is said to run on, by the host's name. */
  readonly managers: Map<string, string>
  readonly datastore: string
  readonly random: Random
  /** By VM: the tier that its priority comes to. */
  readonly tiers: Tiers
  /** Hosts whose links of the control plane are down. */
  readonly isolated = new Set<string>()
  /** Things that will happen by themselves and have to be waited for. */
  pending = 0
  /** Of those, what is asked for in vain until the timeline goes on. */
  unheard = 0
  /** What was asked for in vain, in words. */
  readonly refused: string[] = []
  /** What went wrong in a way that is no answer: a fault of the engine. */
  broken: Error | null = null
  private beganAt = 0

  constructor(
    readonly scenario: Scenario,
    seed: number,
  ) {
    this.random = new Random(seed ^ 0x5ce4a)
    this.tiers = tiersOf(scenario)
    const { daemons, managers } = managersOf(scenario)
    this.managers = managers
    const { description, datastore } = describe(scenario, seed)
    this.datastore = datastore
    const selfFences = new Set(
      scenario.cluster.hosts.filter(({ fence }) => fence.self_s !== null).map(({ id }) => id),
    )
    this.sim = new Simulation({
      seed,
      description,
      daemons,
      devices: devicesOf(scenario),
      selfFence: (host) => (selfFences.has(host) ? { watchdog: true } : null),
      // Expectations are judged on the trace; the checkers of the simulation have runs of their own.
      checkers: [],
    })
    this.recorder = new Recorder(() => this.seconds())
    this.watcher = new Watcher(
      this.sim,
      this.recorder,
      (uuid) => this.guests.nameOf(uuid),
      (host) => this.guests.hostDown(host),
    )
    this.guests = new Guests(this.recorder, this.watcher.intentions)
    for (const [i, vm] of scenario.cluster.vms.entries())
      this.guests.add(description.vms[i]!.uuid, vm.id, vm.faults)
    for (const [name, machine] of this.sim.machines) {
      const real = machine.hypervisor
      machine.hypervisor = (port) => this.guests.around(real(port), name)
    }
  }

  /** Seconds since the scenario began. */
  seconds(): number {
    return (this.sim.now() - this.beganAt) / 1_000
  }

  /** Starts everything, has operators set it up, brings hosts into the state that the scenario wants, and begins. */
  async begin(): Promise<void> {
    const { sim, scenario } = this
    await sim.begin()
    await sim.must(decideSetUp(scenario))
    await sim.advance(3_000)
    const absent = scenario.cluster.hosts.filter(({ power, net }) => power === 'off' || net === 'down')
    for (const { id, power } of absent) {
      if (power === 'off') sim.losePower(id)
      else this.isolate(id)
    }
    await this.noticed(absent.map(({ id }) => id))
    this.beganAt = sim.now()
    this.watcher.begin()
    // A file may say that a VM runs on a host that is off.
    for (const { id, host, power } of scenario.cluster.vms)
      if (power === 'on' && !sim.truth.host(host).on) this.recorder.add({ ev: 'vm_died', vm: id, host }, true)
    await sim.must(decideBegin(scenario))
    this.goOn()
  }

  /** Who is away from the beginning is known to be: nobody plans with it. */
  private async noticed(absent: readonly string[]): Promise<void> {
    const giveUpAt = this.sim.now() + noticeMs
    const known = (name: string) => hostNamed({ tables: this.sim.ledger.folded }, name)?.state !== 'connected'
    while (!absent.every(known) && this.sim.now() < giveUpAt) await this.sim.advance(500)
  }

  /** What was under way, or had been asked for, before the scenario begins. */
  private goOn(): void {
    for (const { id, desired, power } of this.scenario.cluster.vms)
      if (power === 'on' && (desired === 'stopped' || desired === 'disabled'))
        this.ask(`shut ${id} down`, verbs.shutdown(id, 60_000))
    for (const [vm, { status, target }] of Object.entries(this.scenario.inject?.vms ?? {})) {
      const mode = status === 'migrate' ? 'live' : status === 'relocate' ? 'cold' : null
      if (mode && target) this.ask(`move ${vm} to ${target}`, verbs.migrate(vm, target, mode))
    }
  }

  /**
   * Asks control for something as an operator would, who tries again while nobody leads or what it is about is busy.
   * Does not wait; a refusal that stands is noted.
   */
  ask(what: string, decide: Decide<unknown>): void {
    this.pending++
    void this.insist(decide)
      .then((refusals) => {
        if (refusals.length === 0) return
        this.refused.push(`${what}: ${refusals.join(', ')}`)
        this.sim.log.add('operator', `${what} is refused: ${refusals.join(', ')}`)
      })
      .catch((error: Error) => {
        this.broken ??= new Error(`${what}: ${error.message}`, { cause: error })
      })
      .finally(() => {
        this.pending--
      })
  }

  private async insist(decide: Decide<unknown>): Promise<string[]> {
    let until = this.sim.now() + patienceMs
    for (;;) {
      const codes = await this.answerOf(decide)
      if (codes.length === 0) return []
      const vain = this.inVain(codes)
      if (!vain && (!codes.some((code) => passing.has(code)) || this.sim.now() >= until)) return codes
      // Until the timeline brings somebody back, asking is no use, and nothing is under way.
      if (vain) until += askAgainMs
      if (vain) this.unheard++
      await this.sleep(askAgainMs)
      if (vain) this.unheard--
    }
  }

  /** What control says to it: nothing, or the codes of its refusals. */
  private async answerOf(decide: Decide<unknown>): Promise<string[]> {
    const daemon = this.sim.leadingDaemon()
    if (!daemon || this.sim.store.away) return ['nobody leads']
    const answer = await Promise.race([this.sim.asked(daemon, decide), this.sleep(10_000)])
    if (answer?.kind === 'ok') return []
    return answer?.kind === 'refused' ? answer.codes : ['not_leading']
  }

  /** Nobody is there to be asked, or what it is about is on a host that nobody sees. */
  private inVain(codes: readonly string[]): boolean {
    const unseen = this.isolated.size > 0 || [...this.sim.truth.hosts.values()].some(({ on }) => !on)
    return codes.includes('nobody leads') || (codes.includes('not_found') && unseen)
  }

  private sleep(ms: number): Promise<undefined> {
    return new Promise((resolve) => {
      this.sim.clock.setTimer(ms, () => resolve(undefined))
    })
  }

  /** Happens by itself after a while; the scenario is not at rest before that. */
  later(seconds: number, what: () => void): void {
    this.pending++
    this.sim.clock.setTimer(seconds * 1_000, () => {
      this.pending--
      what()
    })
  }

  // ---- what can happen to a host -----------------------------------------------------------------------------------

  isolate(host: string): void {
    if (this.isolated.has(host)) return
    this.isolated.add(host)
    this.sim.network.cut('*', host)
    this.sim.network.cut(host, '*')
    this.sim.truth.setLink(host, false)
    this.watchdog(host)
  }

  heal(host: string): void {
    if (!this.isolated.delete(host)) return
    this.sim.network.heal('*', host)
    this.sim.network.heal(host, '*')
    this.sim.truth.setLink(host, true)
  }

  device(host: string) {
    return this.sim.devices.get(deviceOf(host))!
  }

  /** The format promises that a host which can fence itself is dead `self_s` after it lost contact. */
  private watchdog(host: string): void {
    const { self_s } = this.scenario.cluster.hosts.find(({ id }) => id === host)!.fence
    if (self_s === null) return
    const { life } = this.sim.truth.host(host)
    this.sim.clock.setTimer(self_s * 1_000, () => {
      if (!this.isolated.has(host) || this.sim.truth.host(host).life !== life) return
      this.watcher.intentions.leaving.set(host, 'its watchdog')
      this.sim.machines.get(host)!.switchOff('its watchdog')
    })
  }
}

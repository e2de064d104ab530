import type { Decide } from '@drover/engine'
import { Random } from '../../random/random'
import { Simulation } from '../../world/simulation'
import type { Scenario, ScenarioVm } from '../format/scenario'
import { verbs } from '../ops/verbs'
import { Recorder } from '../trace/trace'
import { Watcher } from '../trace/watch'
import { describe } from './describe'
import { deviceOf, devicesOf } from './devices'
import { Guests } from './guests'
import { managersOf } from './managers'
import { decideBegin, decideSetUp } from './setup'

/** Refusals that go away by themselves: an operator tries again. */
const passing = new Set([
  'not_leading',
  'database_away',
  'vm_busy',
  'host_busy',
  'host_task',
  'host_silent',
  'nobody leads',
])
const askAgainMs = 2_000
const patienceMs = 300_000

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
  /** Hosts whose links of the control plane are down. */
  readonly isolated = new Set<string>()
  /** Things that will happen by themselves and have to be waited for. */
  pending = 0
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
    if (absent.length > 0) await sim.advance(1_000)
    this.beganAt = sim.now()
    this.watcher.begin()
    await sim.must(decideBegin(scenario))
    for (const [vm, { status, target }] of Object.entries(scenario.inject?.vms ?? {}))
      if (status === 'migrate' && target)
        this.ask(`move ${vm} to ${target}`, verbs.migrate(vm, target, 'live'))
  }

  /** What the scenario says of a VM; VMs that were registered later have defaults. */
  vm(name: string): ScenarioVm | undefined {
    return this.scenario.cluster.vms.find(({ id }) => id === name)
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
    const until = this.sim.now() + patienceMs
    for (;;) {
      const daemon = this.sim.leadingDaemon()
      const answer = daemon
        ? await Promise.race([this.sim.asked(daemon, decide), this.sleep(10_000)])
        : { kind: 'refused' as const, codes: ['nobody leads'] }
      if (answer?.kind === 'ok') return []
      const codes = answer?.kind === 'refused' ? answer.codes : ['not_leading']
      if (!codes.some((code) => passing.has(code)) || this.sim.now() >= until) return codes
      await this.sleep(askAgainMs)
    }
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

import type { Machine as MachinePort } from '@drover/agent'
import { Agent, type Dial, enrol, type Keys, MemoryJournal } from '@drover/agent'
import type { Fencing } from '@drover/fencing'
import type { Hypervisor } from '@drover/hypervisor'
import {
  freeze,
  SimulatedBeats,
  type SimulatedDatacenter,
  SimulatedHypervisor,
  thaw,
} from '@drover/hypervisor/simulated'
import type { VirtualClock } from '../clock/virtual-clock'
import type { Points } from '../faults/points'
import type { Powered } from '../fence/device'
import type { Log } from '../log/log'
import type { Network } from '../network/network'
import { Rpc, type Tap } from '../network/rpc'
import { Life } from '../process/life'
import type { Random } from '../random/random'
import { keysOf } from './keys'
import type { Plant } from './simulation'
import { SimulatedWatchdog } from './watchdog'

/** Longer than anything that takes long: the agent has deadlines of its own. */
const answerMs = 60_000
/** Reading changes nothing, so dying around it shows nothing new. */
export const reading: ReadonlySet<string> = new Set([
  'facts',
  'usage',
  'networks',
  'datastores',
  'domains',
  'domain',
  'definition',
  'close',
])

export interface MachineSurroundings {
  clock: VirtualClock
  random: Random
  log: Log
  network: Network
  points: Points
  truth: SimulatedDatacenter
  tap: Tap
  plant: Plant
  /** Where control may be, in the order in which they are tried. */
  daemons: string[]
  /** What its agent does when it is alone; null: nothing. */
  selfFence: { watchdog: boolean } | null
  /** Runs fence programs as one of its processes would. */
  fencing(life: Life): Fencing
  /** Whether the kernel of the host at that address answers on the network, and its station; null: no such address. */
  neighbour(address: string): { station: string; answers: () => boolean } | null
  /** Whether any outlet that feeds the host is on; true where there are none. */
  fed(host: string): boolean
  /** The host has just gone down, whoever did it. */
  wentDown(host: string): void
  /** It has power again. */
  cameUp(host: string): void
}

/** One host: its power, its disk with the agent's key and journal, and the agent that runs on it or does not. */
export class Machine implements Powered {
  agent: Agent | null = null
  hostId: string | null = null
  private life: Life | null = null
  private readonly journal = new MemoryJournal()
  private readonly keys: Keys
  private nextDaemon = 0
  /** Whether there is current at its supply. */
  private mains = true
  /** Somebody holds its plug in his hand: no power gets in, whatever else happens. */
  pulled = false
  /** Its operating system is ending its services. */
  private goingDown = false
  /** The life of the host that its operating system is about to end. */
  private shutsDown: unknown = null
  /** Something on it answers others also without its agent. */
  private answersStill = false
  /** Its last agent was stopped in an orderly way: nobody stops its VMs, and nobody may count on that. `mute`: nothing answers. */
  released: 'mute' | 'answers' | null = null
  /** When an agent took up its duties after one that had let go of them. */
  onDutySince = 0
  /** Why its agent's process stands still. */
  private readonly stops = new Set<string>()
  private readonly watchdog: SimulatedWatchdog
  /** How far its clock is off. */
  skewMs = 0
  /** When it last got power. */
  private bootedAt: number
  /** From power to a running agent. */
  bootMs = 0
  /** For runs in which the hypervisor fails where a step needs it. */
  hypervisor: (real: Hypervisor) => Hypervisor

  constructor(
    readonly name: string,
    readonly address: string,
    private readonly around: MachineSurroundings,
  ) {
    this.hypervisor = (real) => around.plant.hypervisor?.(real, around.truth) ?? real
    this.keys = keysOf(`${name} ${around.truth.seed}`)
    this.bootedAt = around.clock.now()
    this.watchdog = new SimulatedWatchdog(around.clock, () => this.reset('its watchdog'))
  }

  get running(): boolean {
    return this.life?.alive ?? false
  }

  get powered(): boolean {
    return this.around.truth.host(this.name).on
  }

  get supplied(): boolean {
    return this.mains && this.around.fed(this.name)
  }

  /** Whether its agent, or something else on it, would answer somebody who asks. */
  get answers(): boolean {
    return this.stops.size === 0 && (this.running || (this.answersStill && this.powered))
  }

  get frozen(): boolean {
    return this.around.truth.host(this.name).frozen !== null
  }

  /** Buys an identity with a join token, once in its life. */
  async join(token: string): Promise<void> {
    const life = new Life(`${this.name} joins`, this.around.clock)
    this.hostId = await enrol(
      { dial: this.dial(life), clock: life.clock(() => this.skewMs), keys: this.keys },
      { token, name: this.name, address: this.address },
    )
  }

  startAgent(): void {
    const { clock, random, log, points, truth } = this.around
    if (this.running || !this.powered || this.frozen || !this.hostId) return
    const life = new Life(this.name, clock)
    this.life = life
    if (this.released) this.onDutySince = clock.now()
    this.released = null
    this.answersStill = false
    const own = random.fork()
    const real = new SimulatedHypervisor(truth, this.name)
    life.atEnd(() => {
      void real.close()
      // Whoever receives a disk is part of the agent.
      for (const [port, receiver] of truth.disks.receivers) {
        if (receiver.host === this.name) truth.disks.receivers.delete(port)
      }
    })
    const say = (message: string, fields?: Record<string, unknown>) => {
      if (life.alive) log.add(this.name, fields ? `${message} ${JSON.stringify(fields)}` : message)
    }
    const step = async (what: string, call: () => Promise<unknown>): Promise<unknown> => {
      points.pass(`${this.name} begins ${what}`)
      if (!life.alive) return life.gone()
      const middle = clock.setTimer(50, () => points.pass(`${this.name} is in the middle of ${what}`))
      try {
        return await call()
      } finally {
        middle()
        if (life.alive) points.pass(`${this.name} ends ${what}`)
      }
    }
    const hypervisor = life.port(this.hypervisor(real), (method, _args, call) =>
      reading.has(method) ? call() : step(method, call),
    )
    const journal = life.port(this.journal, (method, args, call) =>
      method === 'put' ? step(`journal ${args[0]}`, call) : call(),
    )
    const bootId = `${this.name}/${this.around.truth.host(this.name).life}`
    const { selfFence, plant } = this.around
    const beats = new SimulatedBeats(truth, this.name)
    this.agent = new Agent(
      {
        hypervisor,
        beats: life.port(plant.beats?.(beats, this.name) ?? beats),
        machine: this.machinePort(life),
        fencing: life.port(this.around.fencing(life)),
        journal,
        dial: this.dial(life),
        clock: life.clock(() => this.skewMs),
        keys: this.keys,
        log: { info: say, warn: say, error: say },
        random: () => own.next(),
      },
      { hostId: this.hostId, address: this.address, version: '0.1.0', bootId, selfFence },
    )
    log.add(this.name, 'agent starts')
    this.agent.start().catch((error: Error) => say(`the agent cannot start: ${error.message}`))
  }

  /** As `kill -9`; what the hypervisor does goes on. */
  killAgent(): void {
    if (!this.running) return
    this.around.log.add(this.name, 'agent is killed')
    this.life!.kill()
    this.agent = null
    this.stops.delete('agent')
    if (this.stops.size === 0) this.around.network.goOn(this.name)
    this.around.network.hangUp(this.name)
  }

  /**
   * As `systemctl stop`: its agent says goodbye, as far as anybody hears it, and ends. `answers`: something else on the host
   * still answers others, say its secure shell.
   */
  async leaveAgent({ answers = false, goesDown = false } = {}): Promise<void> {
    const { life, agent } = this
    if (!life?.alive || !agent || this.stops.size > 0) return
    this.around.log.add(this.name, 'agent is asked to stop')
    this.goingDown = goesDown
    this.answersStill = answers
    await agent.leave('SIGTERM')
    if (this.life !== life || !life.alive) return
    this.around.log.add(this.name, 'agent has stopped')
    this.released = answers ? 'answers' : 'mute'
    life.kill()
    this.agent = null
    this.around.network.hangUp(this.name)
  }

  /** As `systemctl poweroff`: its agent is stopped like every service, and what runs on it dies with it. */
  shutDown(forMs: number): void {
    const { life } = this.around.truth.host(this.name)
    void this.leaveAgent({ goesDown: true })
    this.shutsDown = life
    this.around.clock.setTimer(forMs, () => {
      if (this.shutsDown === life) this.endShutdown()
    })
  }

  /** Whatever a shutdown that was begun still waits for, it is over. */
  endShutdown(): void {
    if (this.shutsDown === this.around.truth.host(this.name).life) this.switchOff('its operating system')
    this.shutsDown = null
  }

  /** Its agent stands still, and then goes on as if no time had passed. */
  stallAgent(forMs: number): void {
    const { life } = this
    if (!life?.alive) return
    this.stop('agent')
    this.around.clock.setTimer(forMs, () => life.alive && this.goOn('agent'))
  }

  /** The whole host stands still: agent, hypervisor, guests and kernel. */
  freeze(): void {
    if (!this.powered || this.frozen) return
    freeze(this.around.truth, this.name)
    this.stop('host')
  }

  thaw(): void {
    if (!this.frozen) return
    thaw(this.around.truth, this.name)
    this.goOn('host')
    this.startAgent()
  }

  losePower(): void {
    this.mains = false
    if (this.powered) this.down('loses its power')
  }

  /** Its agent starts with it; its VMs stay off. */
  getPower(): void {
    if (this.pulled) return
    this.mains = true
    if (!this.powered && this.supplied) this.up('has power again')
  }

  /** There is current, and nobody presses the button. */
  feed(): void {
    if (!this.pulled) this.mains = true
  }

  /** The plug goes back in, and the host comes up. */
  plugIn(): void {
    if (!this.pulled) return
    this.pulled = false
    this.getPower()
  }

  switchOff(by: string): void {
    if (this.powered) this.down(`is switched off by ${by}`)
  }

  switchOn(by: string): void {
    if (this.supplied && !this.pulled && !this.powered) this.up(`is switched on by ${by}`)
  }

  /** Off and on again at once. */
  reset(by: string): void {
    this.switchOff(by)
    this.switchOn(by)
  }

  private down(how: string): void {
    const { log, network, truth } = this.around
    log.add(this.name, how)
    this.watchdog.close()
    network.vanish(this.name)
    network.goOn(this.name)
    this.stops.clear()
    this.goingDown = false
    this.answersStill = false
    this.life?.kill()
    this.agent = null
    truth.powerOff(this.name)
    this.around.wentDown(this.name)
  }

  private up(how: string): void {
    const { log, truth, clock } = this.around
    log.add(this.name, how)
    truth.powerOn(this.name)
    this.bootedAt = clock.now()
    this.around.cameUp(this.name)
    const host = truth.host(this.name)
    const { life } = host
    if (this.bootMs === 0) this.startAgent()
    else clock.setTimer(this.bootMs, () => host.life === life && this.startAgent())
  }

  private stop(why: string): void {
    this.around.log.add(this.name, `${why} stands still`)
    this.stops.add(why)
    this.life?.stall()
    this.around.network.halt(this.name)
  }

  private goOn(why: string): void {
    this.around.log.add(this.name, `${why} goes on`)
    this.stops.delete(why)
    if (this.stops.size > 0) return
    this.around.network.goOn(this.name)
    this.life?.goOn()
  }

  /** The machine as its agent has it. */
  private machinePort(life: Life): MachinePort {
    const { clock, network, truth, neighbour } = this.around
    const { bootedAt } = this
    return {
      uptimeMs: () => clock.now() - bootedAt,
      shutdown: async (reboot) => {
        const host = truth.host(this.name)
        const is = host.life
        clock.setTimer(2_000, () => {
          if (host.life !== is || !host.on) return
          if (reboot) this.reset('its operating system')
          else this.switchOff('its operating system')
        })
      },
      goesDown: async () => this.goingDown,
      reaches: (address, timeoutMs) => {
        const other = neighbour(address)
        if (!other) return Promise.resolve(false)
        return life.keep(network.reach(this.name, other.station, timeoutMs, other.answers))
      },
      watchdog: this.around.selfFence?.watchdog ? this.watchdog : null,
    }
  }

  private dial(life: Life): Dial {
    const { network, daemons, tap } = this.around
    return (end) => {
      let rpc: Rpc | null = null
      let over = false
      const close = (why: string): void => {
        if (over) return
        over = true
        life.take(() => end.closed(why))
      }
      const daemon = daemons[this.nextDaemon++ % daemons.length]!
      void network.connect(this.name, daemon).then((line) => {
        if (!line) return close(`${daemon} does not answer`)
        if (over || !life.alive) return line.close()
        rpc = new Rpc(line, life.clock(), tap)
        rpc.onClose = () => close('the line broke')
        rpc.receive = (event, payload, answer) => {
          life.take(() => {
            if (!over) end.receive(event, payload, answer)
          })
        }
      })
      return {
        send: (event, message) => rpc?.emit(event, message),
        request: (event, message) =>
          rpc ? rpc.call(event, message, answerMs) : Promise.reject(new Error('there is no line yet')),
        close: (why) => {
          rpc?.close()
          close(why)
        },
      }
    }
  }
}

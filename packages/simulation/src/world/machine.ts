import { Agent, type Dial, enrol, type Keys, MemoryJournal } from '@drover/agent'
import type { Hypervisor } from '@drover/hypervisor'
import { SimulatedBeats, type SimulatedDatacenter, SimulatedHypervisor } from '@drover/hypervisor/simulated'
import type { VirtualClock } from '../clock/virtual-clock'
import type { Points } from '../faults/points'
import type { Log } from '../log/log'
import type { Network } from '../network/network'
import { Rpc, type Tap } from '../network/rpc'
import { Life } from '../process/life'
import type { Random } from '../random/random'
import { keysOf } from './keys'
import type { Plant } from './simulation'

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
}

/** One host: its power, its disk with the agent's key and journal, and the agent that runs on it or does not. */
export class Machine {
  agent: Agent | null = null
  hostId: string | null = null
  private life: Life | null = null
  private readonly journal = new MemoryJournal()
  private readonly keys: Keys
  private nextDaemon = 0
  /** For runs in which the hypervisor fails where a step needs it. */
  hypervisor: (real: Hypervisor) => Hypervisor

  constructor(
    readonly name: string,
    readonly address: string,
    private readonly around: MachineSurroundings,
  ) {
    this.hypervisor = (real) => around.plant.hypervisor?.(real, around.truth) ?? real
    this.keys = keysOf(`${name} ${around.truth.seed}`)
  }

  get running(): boolean {
    return this.life?.alive ?? false
  }

  get powered(): boolean {
    return this.around.truth.host(this.name).on
  }

  /** Buys an identity with a join token, once in its life. */
  async join(token: string): Promise<void> {
    const life = new Life(`${this.name} joins`, this.around.clock)
    this.hostId = await enrol(
      { dial: this.dial(life), clock: life.clock(), keys: this.keys },
      { token, name: this.name, address: this.address },
    )
  }

  startAgent(): void {
    const { clock, random, log, points, truth } = this.around
    if (this.running || !this.powered || !this.hostId) return
    const life = new Life(this.name, clock)
    this.life = life
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
    this.agent = new Agent(
      {
        hypervisor,
        beats: life.port(new SimulatedBeats(truth, this.name), (_method, _args, call) => call()),
        machine: {
          uptimeMs: () => clock.now(),
          shutdown: async () => {},
          reaches: async () => true,
          watchdog: null,
        },
        fencing: null,
        journal,
        dial: this.dial(life),
        clock: life.clock(),
        keys: this.keys,
        log: { info: say, warn: say, error: say },
        random: () => own.next(),
      },
      { hostId: this.hostId, address: this.address, version: '0.1.0', bootId, selfFence: null },
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
    this.around.network.hangUp(this.name)
  }

  /** Its agent stands still, and then goes on as if no time had passed. */
  stallAgent(forMs: number): void {
    const { life } = this
    if (!life?.alive) return
    const { clock, log, network } = this.around
    log.add(this.name, 'agent stands still')
    life.stall()
    network.cut('*', this.name)
    network.cut(this.name, '*')
    clock.setTimer(forMs, () => {
      log.add(this.name, 'agent goes on')
      network.heal('*', this.name)
      network.heal(this.name, '*')
      life.goOn()
    })
  }

  losePower(): void {
    if (!this.powered) return
    this.around.log.add(this.name, 'loses its power')
    this.around.network.vanish(this.name)
    this.life?.kill()
    this.agent = null
    this.around.truth.powerOff(this.name)
  }

  /** Its agent starts with it; its VMs stay off. */
  getPower(): void {
    if (this.powered) return
    this.around.log.add(this.name, 'has power again')
    this.around.truth.powerOn(this.name)
    this.startAgent()
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

import { type Control, createControl, directPlanner } from '@drover/control'
import type { Fencing } from '@drover/fencing'
import type { VirtualClock } from '../clock/virtual-clock'
import type { Log } from '../log/log'
import type { Network } from '../network/network'
import { Rpc, type Tap } from '../network/rpc'
import { Life } from '../process/life'
import type { Random } from '../random/random'
import type { StoreService } from '../store/service'

const answerMs = 10_000

export interface DaemonSurroundings {
  clock: VirtualClock
  random: Random
  log: Log
  network: Network
  store: StoreService
  tap: Tap
  /** Runs fence programs as one of its processes would. */
  fencing(life: Life): Fencing
}

/** The machine of one control daemon: what runs on it can be killed and started again, and only the store remembers. */
export class Daemon {
  control: Control | null = null
  /** How far this machine's clock is off. */
  skewMs = 0
  private life: Life | null = null
  private lives = 0

  constructor(
    readonly name: string,
    private readonly around: DaemonSurroundings,
  ) {}

  get running(): boolean {
    return this.life?.alive ?? false
  }

  get leads(): boolean {
    return this.running && (this.control?.health().leading ?? false)
  }

  start(): void {
    if (this.running) return
    const { clock, random, log, network, store, tap } = this.around
    const life = new Life(this.name, clock)
    this.life = life
    this.lives++
    const own = random.fork()
    const say = (message: string, fields?: Record<string, unknown>) => {
      if (life.alive) log.add(this.name, fields ? `${message} ${JSON.stringify(fields)}` : message)
    }
    const time = life.clock(() => this.skewMs)
    const control = createControl({
      daemon: `${this.name}#${this.lives}`,
      clock: time,
      random: { uuid: () => own.uuid(), hex: (bytes) => own.hex(bytes) },
      log: { info: say, warn: say, error: say },
      store: store.connection(life, this.name),
      fencing: life.port(this.around.fencing(life)),
      secrets: { seal: (text) => `sealed ${text}`, open: (sealed) => sealed.slice('sealed '.length) },
      planner: directPlanner,
      reaches: (address, timeoutMs) => life.keep(network.reach(this.name, address, timeoutMs, () => true)),
    })
    this.control = control
    const deaf = network.listen(this.name, (end) => {
      const rpc = new Rpc(end, time, tap)
      const session = control.agentConnected({
        peer: end.there,
        challenge: (message) => rpc.emit('challenge', message),
        command: (message) => rpc.call('command', message, answerMs),
        cancel: (message) => rpc.emit('cancel', message),
        heard: (message) => rpc.emit('heard', message),
        duties: (message) => rpc.emit('duties', message),
        ask: (message) => rpc.call('ask', message, answerMs),
        close: (why) => {
          say(`closes the line to ${end.there}: ${why}`)
          rpc.close()
        },
      })
      rpc.receive = (event, payload, answer) => life.take(() => session.receive(event, payload, answer))
      rpc.onClose = () => life.take(() => session.closed())
    })
    life.atEnd(() => {
      deaf()
      network.hangUp(this.name)
    })
    log.add(this.name, 'starts')
    control.start().catch((error: Error) => {
      say(`cannot start: ${error.message}`)
      // As a service manager does with a process that gave up.
      time.setTimer(1_000, () => {
        this.kill()
        this.start()
      })
    })
  }

  /** Stands still, and then goes on as if no time had passed. Its kernel keeps its lines until they time out. */
  stall(forMs: number): void {
    const { life } = this
    if (!life?.alive) return
    const { clock, log, network } = this.around
    log.add(this.name, 'stands still')
    life.stall()
    network.halt(this.name)
    clock.setTimer(forMs, () => {
      if (!life.alive) return
      log.add(this.name, 'goes on')
      network.goOn(this.name)
      life.goOn()
    })
  }

  /** As `kill -9`. */
  kill(): void {
    if (!this.running) return
    this.around.log.add(this.name, 'is killed')
    this.life!.kill()
    this.around.network.goOn(this.name)
    this.control = null
  }
}

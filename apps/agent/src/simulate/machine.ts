import { join } from 'node:path'
import { Agent, FileJournal, type Machine } from '@drover/agent'
import { SimulatedBeats, type SimulatedDatacenter, SimulatedHypervisor } from '@drover/hypervisor/simulated'
import type { Logger } from 'pino'
import { systemClock } from '../clock'
import type { Config } from '../config'
import { openKeys } from '../keys'
import { socketDial } from '../line/socket'
import { logOf } from '../log'
import { version } from '../version'

/** From the order to go down until the power is off, and from there until it is on again. */
const shutdownMs = 4_000
const rebootMs = 10_000

interface Place {
  datacenter: SimulatedDatacenter
  /** What the host keeps: its key, its configuration, its journal. */
  home: string
  config: Config
  logger: Logger
}

/** One simulated host with its power: the real agent runs on it while it is on. */
export class SimulatedMachine {
  private agent: Agent | null = null
  /** One thing after the other, so that the agent follows the power. */
  private last: Promise<void> = Promise.resolve()

  constructor(private readonly place: Place) {}

  get isOn(): boolean {
    return this.place.datacenter.host(this.name).on
  }

  /** As when the host has booted; nothing happens while it is off. */
  startAgent(): Promise<void> {
    return this.inTurn(() => this.start())
  }

  stopAgent(): Promise<void> {
    return this.inTurn(() => this.stop())
  }

  /** What runs on it is gone at once. */
  powerOff(): Promise<void> {
    this.place.datacenter.powerOff(this.name)
    return this.inTurn(() => this.stop())
  }

  powerOn(): Promise<void> {
    this.place.datacenter.powerOn(this.name)
    return this.inTurn(() => this.start())
  }

  private get name(): string {
    return this.place.config.name
  }

  private async start(): Promise<void> {
    if (this.agent || !this.isOn) return
    const { datacenter, home, config, logger } = this.place
    const { hostId, address } = config
    const log = logOf(logger.child({ host: this.name }))
    this.agent = new Agent(
      {
        hypervisor: new SimulatedHypervisor(datacenter, this.name),
        beats: new SimulatedBeats(datacenter, this.name),
        machine: this.asSeenByAgent(),
        fencing: null,
        dial: socketDial(config),
        clock: systemClock,
        journal: await FileJournal.open(join(home, 'journal')),
        keys: await openKeys(home),
        log,
        random: Math.random,
      },
      {
        hostId,
        address,
        version,
        bootId: `${this.name}/${datacenter.host(this.name).life}`,
        selfFence: { watchdog: false },
      },
    )
    await this.agent.start()
  }

  private async stop(): Promise<void> {
    const { agent } = this
    this.agent = null
    await agent?.stop()
  }

  private asSeenByAgent(): Machine {
    const { datacenter } = this.place
    return {
      // Stands still while nobody simulates, like all that runs there.
      uptimeMs: () => Math.round(performance.now()),
      goesDown: async () => false,
      async reaches(address) {
        return datacenter.hostByAddress(address.replace(/:\d+$/, ''))?.on ?? false
      },
      shutdown: async (reboot) => {
        systemClock.setTimer(shutdownMs, () => void this.powerOff())
        if (reboot) systemClock.setTimer(shutdownMs + rebootMs, () => void this.powerOn())
      },
      watchdog: null,
    }
  }

  private inTurn(act: () => Promise<void>): Promise<void> {
    const next = this.last.then(act)
    this.last = next.catch((error) => this.place.logger.error(error, `${this.name} cannot follow its power`))
    return next
  }
}

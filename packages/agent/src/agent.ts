import type { Fencing } from '@drover/fencing'
import type { Hypervisor } from '@drover/hypervisor'
import {
  type Ask,
  askSchema,
  cancelSchema,
  commandSchema,
  heartbeatMs as defaultHeartbeatMs,
  dutiesSchema,
  heardSchema,
  refusedSchema,
} from '@drover/protocol'
import { z } from 'zod'
import { Guard } from './alone/guard'
import { CommandRunner } from './command/runner'
import { Session } from './line/session'
import { within } from './line/within'
import type { Beats, Clock, Dial, Journal, Keys, Log, Machine } from './ports'
import { UsageSampler } from './report/usage'
import { Watcher } from './report/watcher'

/** What saying goodbye may take: a datastore that hangs, or a control that is away, holds nobody up for longer. */
const goodbyeMs = 2_000

export interface AgentPorts {
  hypervisor: Hypervisor
  beats: Beats
  machine: Machine
  /** Runs fence programs for control, for devices that only this host reaches; null: none are here. */
  fencing: Fencing | null
  dial: Dial
  clock: Clock
  journal: Journal
  keys: Keys
  log: Log
  /** 0 ≤ x < 1. */
  random(): number
}

export interface AgentIdentity {
  hostId: string
  /** Where other hosts reach this one. */
  address: string
  version: string
  /** Names this power-on of the host. */
  bootId: string
  /** What it does when it is alone for the lease time; null: nothing. */
  selfFence: { watchdog: boolean } | null
}

/**
 * One host's agent: keeps a line to control, says what the host has and does, runs what control orders. Everything it
 * must remember is in its journal, so it may die at any moment; a new one with the same journal goes on.
 */
export class Agent {
  private readonly runner: CommandRunner
  private readonly watcher: Watcher
  private readonly usage: UsageSampler
  private readonly session: Session
  private readonly guard: Guard
  private beat = 0
  private heartbeatMs = defaultHeartbeatMs
  private cancelBeat = () => {}
  private stopped = false
  private leaving = false

  constructor(
    private readonly ports: AgentPorts,
    identity: AgentIdentity,
  ) {
    this.session = new Session(ports, identity, {
      online: (ms) => this.online(ms),
      offline: () => this.offline(),
      receive: (event, payload, answer) => this.receive(event, payload, answer),
      acceptTerm: (term) => this.runner.acceptTerm(term),
    })
    this.guard = new Guard({
      ...ports,
      hostId: identity.hostId,
      bootId: identity.bootId,
      selfFences: identity.selfFence !== null,
      leaseChanged: () => this.watcher.requestReport(),
      storageBack: () => this.watcher.requestReport(),
      lost: () => this.soon(),
    })
    this.runner = new CommandRunner({
      ...ports,
      fencings: () => this.guard.fencings,
      touched: (uuid) => this.guard.stopped.forget(uuid),
      sendProgress: (message) => this.session.send('progress', message),
      sendResult: (outcome) => this.acknowledged('result', outcome),
    })
    this.usage = new UsageSampler(ports)
    this.watcher = new Watcher({
      ...ports,
      identity,
      lease: () => this.guard.lease,
      explain: (domain) => this.guard.stopped.explain(domain),
      send: (event, message) => this.acknowledged(event, message),
    })
  }

  /** Takes up what an earlier life left unfinished, then connects. Rejects when its journal cannot be read. */
  async start(): Promise<void> {
    await Promise.all([this.runner.load(), this.guard.start()])
    if (this.stopped) return
    this.usage.start()
    this.watcher.start()
    this.session.start()
  }

  /**
   * In order, because `why` ("SIGTERM") asked for it: control and the datastores are told, so that nobody takes the silence
   * for a death, and only then the watchdog is let go of. Where nobody took the word, somebody may be counting on this
   * host's deadline: the watchdog stays armed, and resets the host unless an agent runs again in time. A machine that goes
   * down is no exception, unless nothing runs on it: its VMs have until their turn comes, which may take minutes.
   */
  async leave(why: string): Promise<void> {
    if (this.stopped || this.leaving) return
    this.leaving = true
    this.cancelBeat()
    const goesDown = await this.ports.machine.goesDown()
    const words = { why, goesDown }
    const { running } = this.guard
    const said = this.acknowledged('goodbye', { ...words, running })
    const [heard, written] = await Promise.all([
      within(this.ports.clock, goodbyeMs, said, 'goodbye').catch(() => false),
      this.guard.leave(words, goodbyeMs),
    ])
    const release = heard || written || (goesDown && running?.length === 0)
    if (!release) this.ports.log.warn('nobody could be told that this agent stops')
    await this.stop({ release })
  }

  /**
   * At once, like a crash: what was under way is taken up by the next life. Commands in the hypervisor go on. `release`: the
   * watchdog is let go of.
   */
  async stop({ release = true } = {}): Promise<void> {
    if (this.stopped) return
    this.stopped = true
    this.cancelBeat()
    this.runner.stop()
    this.guard.stop({ release })
    this.watcher.stop()
    this.usage.stop()
    this.session.stop()
    await this.ports.hypervisor.close()
  }

  get connected(): boolean {
    return this.session.online
  }

  private online(heartbeatMs: number): void {
    this.heartbeatMs = heartbeatMs
    this.watcher.nowOnline()
    this.runner.nowOnline()
    this.cancelBeat()
    this.heartbeat()
  }

  private offline(): void {
    this.cancelBeat()
    this.watcher.nowOffline()
    this.runner.nowOffline()
  }

  private heartbeat(): void {
    if (this.leaving) return
    this.cancelBeat = this.ports.clock.setTimer(this.heartbeatMs, () => this.heartbeat())
    const n = this.beat++
    this.guard.sentHeartbeat(n)
    this.session.send('heartbeat', { n, ...this.usage.latest(), ...this.guard.report() })
  }

  /** The next heartbeat is said now: it has something in it that others wait for. */
  private soon(): void {
    if (!this.connected || this.leaving) return
    this.cancelBeat()
    this.cancelBeat = this.ports.clock.setTimer(0, () => this.heartbeat())
  }

  private receive(event: string, payload: unknown, answer?: (reply: unknown) => void) {
    const reply = (promise: Promise<unknown>) => {
      promise.then(
        (value) => answer?.(value),
        (error) => answer?.({ refused: error instanceof Error ? error.message : String(error) }),
      )
    }
    switch (event) {
      case 'command':
        return this.valid(commandSchema, event, payload, answer, (command) =>
          reply(this.runner.receive(command)),
        )
      case 'cancel':
        return this.valid(cancelSchema, event, payload, answer, ({ commandId, term }) => {
          this.runner.acceptTerm(term).then(
            (accepted) => accepted && this.runner.cancel(commandId),
            () => {},
          )
        })
      case 'ask':
        return this.valid(askSchema, event, payload, answer, (ask) => {
          if (ask.what === 'report') return reply(this.watcher.report())
          if (ask.what === 'fence') return reply(this.fence(ask))
          reply(this.ports.hypervisor.definition(ask.uuid).then((definition) => ({ definition })))
        })
      case 'heard':
        return this.valid(heardSchema, event, payload, answer, (heard) => this.guard.heard(heard))
      case 'duties':
        return this.valid(dutiesSchema, event, payload, answer, (duties) => this.guard.accept(duties))
      default:
        answer?.({ refused: `This agent does not know ${event}.` })
    }
  }

  /** Its parameters are secrets: they are neither written down nor logged. */
  private async fence({ term, agent, action, params, timeoutMs }: Ask & { what: 'fence' }): Promise<unknown> {
    const { fencing, log } = this.ports
    if (!fencing) throw new Error('This agent runs no fence programs.')
    // One that was deposed and does not know it must not switch anything off or on any more.
    if (!(await this.runner.acceptTerm(term))) throw new Error(`Term ${term} is over.`)
    log.info(`runs ${agent}: ${action}`)
    return fencing.run(action, { agent, params, timeoutMs })
  }

  private valid<T>(
    schema: z.ZodType<T>,
    event: string,
    payload: unknown,
    answer: ((reply: unknown) => void) | undefined,
    act: (message: T) => void,
  ) {
    const message = schema.safeParse(payload)
    if (message.success) return act(message.data)
    const why = z.prettifyError(message.error).slice(0, 300)
    this.ports.log.warn(`control sent a ${event} that makes no sense: ${why}`)
    answer?.({ refused: `This ${event} makes no sense: ${why}` })
  }

  private async acknowledged(
    event: 'report' | 'changed' | 'result' | 'goodbye',
    message: unknown,
  ): Promise<boolean> {
    const reply = await this.session.request(event, message)
    const refused = refusedSchema.safeParse(reply)
    if (refused.success) this.ports.log.warn(`control refused a ${event}: ${refused.data.refused}`)
    return z.object({ received: z.literal(true) }).safeParse(reply).success
  }
}

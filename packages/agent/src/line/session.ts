import {
  challengeSchema,
  heartbeatMs,
  protocolVersion,
  refusedSchema,
  signedText,
  welcomeSchema,
} from '@drover/protocol'
import type { Clock, ControlLine, Dial, Keys, Log } from '../ports'
import { within } from './within'

const answerMs = 10_000
const leastPauseMs = 250
const mostPauseMs = 5_000
/** Being refused is not likely to change soon. */
const refusedPauseMs = 15_000

export interface SessionPorts {
  dial: Dial
  clock: Clock
  keys: Keys
  log: Log
  /** 0 ≤ x < 1; spreads reconnecting agents. */
  random(): number
}

export interface SessionEvents {
  /** Known and welcome; everything may be said now. */
  online(heartbeatMs: number): void
  offline(): void
  receive(event: string, payload: unknown, answer?: (reply: unknown) => void): void
  /** False: that leader has been deposed, the line is closed. */
  acceptTerm(term: number): Promise<boolean>
}

/** Keeps a line to control: proves who this is, and comes back by itself whenever the line is lost. */
export class Session {
  private line: ControlLine | null = null
  private welcomed = false
  private failures = 0
  private stopped = false
  private cancelTimer = () => {}

  constructor(
    private readonly ports: SessionPorts,
    private readonly me: { hostId: string; address: string; version: string; bootId: string },
    private readonly events: SessionEvents,
  ) {}

  start(): void {
    this.connect()
  }

  stop(): void {
    this.stopped = true
    this.cancelTimer()
    const { line } = this
    this.line = null
    this.welcomed = false
    line?.close('the agent stops')
  }

  get online(): boolean {
    return this.welcomed
  }

  /** Lost without a word when there is no line: what it says is out of date in a second. */
  send(event: 'heartbeat' | 'progress', message: unknown): void {
    if (this.welcomed) this.line?.send(event, message)
  }

  /** Resolves with control's answer; rejects when there is no line, it breaks, or nothing comes in time. */
  async request(event: 'report' | 'changed' | 'result' | 'goodbye', message: unknown): Promise<unknown> {
    if (!this.welcomed || !this.line) throw new Error('no line to control')
    return within(this.ports.clock, 30_000, this.line.request(event, message), event)
  }

  private connect(): void {
    if (this.stopped) return
    let mine: ControlLine | null = null
    let over = false
    const lost = (why: string, pauseMs?: number) => {
      if (over) return
      over = true
      if (this.stopped) return
      this.line = null
      this.cancelTimer()
      mine?.close(why)
      this.lost(why, pauseMs)
    }
    this.cancelTimer = this.ports.clock.setTimer(answerMs, () => lost('control did not say hello'))
    mine = this.ports.dial({
      receive: (event, payload, answer) => {
        if (this.line !== mine || this.stopped) return
        if (event === 'challenge') this.hello(mine!, payload, lost).catch((e) => lost(String(e.message ?? e)))
        else if (this.welcomed) this.events.receive(event, payload, answer)
        else answer?.({ refused: 'This agent has not been welcomed yet.' })
      },
      closed: (why) => lost(why),
    })
    if (!over) this.line = mine
  }

  private async hello(
    line: ControlLine,
    payload: unknown,
    lost: (why: string, pauseMs?: number) => void,
  ): Promise<void> {
    const challenge = challengeSchema.parse(payload)
    const { hostId, address, version, bootId } = this.me
    const reply = await line.request('hello', {
      protocol: protocolVersion,
      hostId,
      signature: this.ports.keys.sign(signedText(hostId, challenge.nonce)),
      agentVersion: version,
      address,
      bootId,
    })
    if (this.line !== line) return
    const refused = refusedSchema.safeParse(reply)
    if (refused.success) return lost(`control refuses this agent: ${refused.data.refused}`, refusedPauseMs)
    const welcome = welcomeSchema.parse(reply)
    const accepted = await this.events.acceptTerm(welcome.term)
    if (this.line !== line) return
    if (!accepted) return lost('that control daemon has been deposed')
    this.cancelTimer()
    this.failures = 0
    this.welcomed = true
    this.ports.log.info('connected to control', { term: welcome.term })
    this.events.online(Math.min(60_000, Math.max(100, welcome.heartbeatMs || heartbeatMs)))
  }

  private lost(why: string, pauseMs?: number): void {
    const was = this.welcomed
    this.welcomed = false
    if (was) this.events.offline()
    if (this.stopped) return
    const pause = pauseMs ?? Math.min(mostPauseMs, leastPauseMs * 2 ** Math.min(this.failures, 10))
    const ms = Math.round(pause * (0.5 + this.ports.random()))
    if (was || this.failures === 0 || pauseMs) {
      this.ports.log.warn(`no line to control: ${why}`, { againInMs: ms })
    }
    this.failures++
    this.cancelTimer = this.ports.clock.setTimer(ms, () => this.connect())
  }
}

import { type HostId, sayBytes } from '@drover/model'
import {
  changedSchema,
  enrolSchema,
  goodbyeSchema,
  heartbeatSchema,
  helloSchema,
  progressSchema,
  reportSchema,
  resultSchema,
} from '@drover/protocol'
import type { z } from 'zod'
import type { AgentLine, AgentSession } from '../ports'

const schemas = {
  enrol: enrolSchema,
  hello: helloSchema,
  heartbeat: heartbeatSchema,
  report: reportSchema,
  changed: changedSchema,
  goodbye: goodbyeSchema,
  progress: progressSchema,
  result: resultSchema,
} as const

type Messages = { [E in keyof typeof schemas]: z.infer<(typeof schemas)[E]> }
type Handlers = {
  [E in keyof Messages]: (session: Session, message: Messages[E], answer: Answer) => void
}
export type Answer = (reply: object) => void

/** Unreadable messages after which a line is closed: its agent speaks another language, or is none. */
const badAtMost = 5
/** Messages that cost a commit: as many at once, and as many a second for long. */
const burst = 200
const perSecond = 40

/** What becomes of the messages of all sessions. */
export interface SessionOwner {
  readonly handlers: Handlers
  now(): number
  /** A line sent something it should not. */
  misbehaved(session: Session, fault: 'malformed' | 'oversized', what: string): void
  closed(session: Session): void
}

/**
 * Control's end of one agent's line: reads every message by its schema, lets nothing but `enrol` and `hello` pass
 * before the agent has proved who it is, and closes the line of one that goes on talking nonsense.
 */
export class Session implements AgentSession {
  /** Set once the agent has proved to be this host. */
  hostId: HostId | null = null
  open = true
  /** Of the newest report or change that was read. */
  lastN = -1
  /** Commands given over this line, and those of them that were cancelled over it. */
  readonly sent = new Set<string>()
  readonly cancelled = new Set<string>()
  readonly openedAt: number
  #bad = 0
  #tokens = burst
  #filledAt: number

  constructor(
    readonly line: AgentLine,
    readonly nonce: string,
    private readonly owner: SessionOwner,
  ) {
    this.openedAt = owner.now()
    this.#filledAt = this.openedAt
  }

  receive(event: string, payload: unknown, answer?: (reply: unknown) => void): void {
    if (!this.open) return
    const reply: Answer = answer ?? (() => {})
    const read = this.#read(event, payload)
    if (!read.ok) this.#refuse(read.why, reply)
    else if ((event === 'report' || event === 'changed') && !this.#mayCommit())
      reply({ refused: 'too many reports: say it again later' })
    else {
      const handle = this.owner.handlers[event as keyof Messages] as (
        session: Session,
        message: unknown,
        answer: Answer,
      ) => void
      handle(this, read.message, reply)
    }
  }

  #read(event: string, payload: unknown): { ok: true; message: unknown } | { ok: false; why: string } {
    const schema = Object.hasOwn(schemas, event) ? schemas[event as keyof Messages] : undefined
    if (!schema) return { ok: false, why: `there is no message "${event.slice(0, 40)}"` }
    const first = event === 'enrol' || event === 'hello'
    if (first === (this.hostId !== null))
      return { ok: false, why: first ? `${event} was said already` : `${event} before hello` }
    const parsed = schema.safeParse(payload)
    if (parsed.success) return { ok: true, message: parsed.data }
    return { ok: false, why: `malformed ${event}: ${problem(parsed.error)}` }
  }

  oversize(bytes: number): void {
    this.owner.misbehaved(this, 'oversized', `a message of ${sayBytes(bytes)} or more`)
    this.close('the message was too large')
  }

  closed(): void {
    if (!this.open) return
    this.open = false
    this.owner.closed(this)
  }

  close(why: string): void {
    if (!this.open) return
    this.line.close(why)
    this.closed()
  }

  #refuse(why: string, reply: Answer): void {
    this.owner.misbehaved(this, 'malformed', why)
    reply({ refused: why.slice(0, 500) })
    this.#bad += 1
    if (this.#bad >= badAtMost) this.close(`too many unreadable messages: ${why}`)
  }

  #mayCommit(): boolean {
    const now = this.owner.now()
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#filledAt) / 1000) * perSecond)
    this.#filledAt = now
    if (this.#tokens < 1) return false
    this.#tokens -= 1
    return true
  }
}

function problem(error: z.ZodError): string {
  const [issue] = error.issues
  return issue ? `${issue.path.join('.') || 'message'}: ${issue.message}` : 'unreadable'
}

import { createPublicKey, verify } from 'node:crypto'
import {
  type Changed,
  type Command,
  type CommandBody,
  type CommandOutcome,
  changedSchema,
  enrolSchema,
  goodbyeSchema,
  type Heartbeat,
  heartbeatSchema,
  helloSchema,
  progressSchema,
  type Report,
  reportSchema,
  resultSchema,
  type SaidGoodbye,
  signedText,
} from '@drover/protocol'
import type { Clock, ControlLine, LineEnd } from '../ports'

const delayMs = 5

interface OpenLine {
  end: LineEnd
  hostId: string | null
  nonce: string
}

/** The other end of the wire, as small as the protocol allows: what it heard is there to look at. */
export class TestControl {
  term = 1
  readonly keys = new Map<string, string>()
  readonly tokens = new Set<string>()
  readonly heartbeats: Heartbeat[] = []
  readonly reports: Report[] = []
  readonly changes: Changed[] = []
  readonly results: CommandOutcome[] = []
  readonly progress: { commandId: string; fraction: number }[] = []
  readonly refusals: string[] = []
  readonly goodbyes: SaidGoodbye[] = []
  /** False: results are heard and not acknowledged. */
  takesResults = true
  /** False: heartbeats come in and are not answered. */
  hears = true
  /** False: it answers them, but may not lead any more. */
  renews = true
  /** False: nobody answers the door. */
  up = true
  line: OpenLine | null = null
  private lines = 0

  constructor(private readonly clock: Clock) {}

  readonly dial = (end: LineEnd): ControlLine => {
    const line: OpenLine = { end, hostId: null, nonce: `nonce-${++this.lines}-${'x'.repeat(32)}` }
    let open = true
    const close = (why: string) => {
      if (!open) return
      open = false
      if (this.line === line) this.line = null
      this.clock.setTimer(0, () => end.closed(why))
    }
    Object.assign(line, { close })
    this.clock.setTimer(delayMs, () => {
      if (!this.up) return close('connection refused')
      if (open) end.receive('challenge', { nonce: line.nonce, protocol: 1 })
    })
    return {
      send: (event, message) => {
        if (open) this.clock.setTimer(delayMs, () => open && this.hear(line, event, message))
      },
      request: (event, message) =>
        new Promise((resolve, reject) => {
          if (!open) return reject(new Error('the line is closed'))
          this.clock.setTimer(delayMs, () => {
            if (!open) return reject(new Error('the line broke'))
            const reply = this.hear(line, event, JSON.parse(JSON.stringify(message)))
            this.clock.setTimer(delayMs, () => (open ? resolve(reply) : reject(new Error('the line broke'))))
          })
        }),
      close,
    }
  }

  /** Cuts the line as a network does. */
  cut(): void {
    const { line } = this
    this.line = null
    ;(line as unknown as { close(why: string): void } | null)?.close('the line broke')
  }

  command(id: string, body: CommandBody, term = this.term): Promise<unknown> {
    return this.say('command', { id, term, body } satisfies Command)
  }

  say(event: string, payload: unknown): Promise<unknown> {
    return new Promise((resolve) => {
      this.line?.end.receive(event, payload, resolve)
    })
  }

  result(id: string): CommandOutcome['result'] | null {
    return this.results.find((r) => r.commandId === id)?.result ?? null
  }

  private hear(line: OpenLine, event: string, message: unknown): unknown {
    if (event === 'enrol') {
      const enrol = enrolSchema.parse(message)
      if (!this.tokens.delete(enrol.token)) return { refused: 'The join token is not valid.' }
      const hostId = `host-${this.keys.size + 1}`
      this.keys.set(hostId, enrol.publicKey)
      return { hostId }
    }
    if (event === 'hello') {
      const hello = helloSchema.parse(message)
      const key = this.keys.get(hello.hostId)
      if (!key || !signedBy(key, signedText(hello.hostId, line.nonce), hello.signature)) {
        this.refusals.push(hello.hostId)
        return { refused: 'The signature is wrong.' }
      }
      line.hostId = hello.hostId
      this.line = line
      return { term: this.term, heartbeatMs: 1000 }
    }
    if (!line.hostId) return { refused: 'Say hello first.' }
    if (event === 'heartbeat') {
      const heartbeat = heartbeatSchema.parse(message)
      const { n } = heartbeat
      this.heartbeats.push(heartbeat)
      if (this.hears)
        this.clock.setTimer(delayMs, () => line.end.receive('heard', { n, renews: this.renews }))
    } else if (event === 'progress') this.progress.push(progressSchema.parse(message))
    else if (event === 'goodbye') this.goodbyes.push(goodbyeSchema.parse(message))
    else if (event === 'report') this.reports.push(reportSchema.parse(message))
    else if (event === 'changed') this.changes.push(changedSchema.parse(message))
    else if (event === 'result') {
      this.results.push(resultSchema.parse(message))
      if (!this.takesResults) return { refused: 'The database is away.' }
    }
    return { received: true }
  }
}

function signedBy(publicKey: string, text: string, signature: string): boolean {
  const key = createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(publicKey, 'base64').toString('base64url') },
    format: 'jwk',
  })
  return verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64'))
}

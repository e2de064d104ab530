import type { Clock } from '@drover/hypervisor'
import type { End } from './network'

type Frame =
  | { kind: 'event'; event: string; payload: unknown; id: number | null }
  | { kind: 'answer'; id: number; payload: unknown }

export type Receive = (event: string, payload: unknown, answer?: (reply: unknown) => void) => void

/** What a line does with each message on its way, for faults and for the log. */
export interface Tap {
  /** Before it leaves. */
  leaving(from: string, to: string, event: string, payload: unknown): void
  /** Before the receiver sees it. */
  arriving(from: string, to: string, event: string, payload: unknown): void
  /** After how long to send this one once more; null: not at all. Asked only for messages that may be repeated. */
  repeats(event: string): number | null
}

/** The protocol says of these that saying them twice is the same as saying them once. */
const repeatable = new Set(['command', 'result', 'report', 'changed', 'heartbeat', 'cancel'])

/** Events with answers over a line, as socket.io has them. */
export class Rpc {
  receive: Receive = () => {}
  onClose: () => void = () => {}
  open = true
  private nextId = 1
  private readonly waiting = new Map<number, { resolve(reply: unknown): void; reject(error: Error): void }>()

  constructor(
    private readonly end: End,
    private readonly clock: Clock,
    private readonly tap: Tap,
  ) {
    end.onMessage = (message) => this.take(message as Frame)
    end.onClose = () => this.lost()
  }

  get here(): string {
    return this.end.here
  }

  get there(): string {
    return this.end.there
  }

  emit(event: string, payload: unknown): void {
    this.send({ kind: 'event', event, payload, id: null })
  }

  /** Rejects when the line breaks first, or after `withinMs`. */
  call(event: string, payload: unknown, withinMs: number): Promise<unknown> {
    if (!this.open) return Promise.reject(new Error('the line is closed'))
    const id = this.nextId++
    return new Promise((resolve, reject) => {
      const cancel = this.clock.setTimer(withinMs, () => {
        this.waiting.delete(id)
        reject(new Error(`no answer to ${event} within ${withinMs} ms`))
      })
      const done = <T>(settle: (value: T) => void) => {
        return (value: T) => {
          cancel()
          this.waiting.delete(id)
          settle(value)
        }
      }
      this.waiting.set(id, { resolve: done(resolve), reject: done(reject) })
      this.send({ kind: 'event', event, payload, id })
    })
  }

  close(): void {
    this.end.close()
  }

  private send(frame: Frame): void {
    if (!this.open) return
    if (frame.kind === 'event') {
      this.tap.leaving(this.here, this.there, frame.event, frame.payload)
      this.end.send(frame)
      const again = repeatable.has(frame.event) ? this.tap.repeats(frame.event) : null
      if (again !== null) this.clock.setTimer(again, () => this.open && this.end.send({ ...frame, id: null }))
    } else {
      this.end.send(frame)
    }
  }

  private take(frame: Frame): void {
    if (frame.kind === 'answer') {
      this.waiting.get(frame.id)?.resolve(frame.payload)
      return
    }
    this.tap.arriving(this.there, this.here, frame.event, frame.payload)
    const { id } = frame
    const answer = id === null ? () => {} : (payload: unknown) => this.send({ kind: 'answer', id, payload })
    this.receive(frame.event, frame.payload, answer)
  }

  private lost(): void {
    this.open = false
    for (const { reject } of [...this.waiting.values()]) reject(new Error('the line broke'))
    this.onClose()
  }
}

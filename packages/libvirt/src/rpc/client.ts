import type { Duplex } from 'node:stream'
import { ConnectionClosedError, DeadlineError, LibvirtError, ProtocolError } from '../errors'
import { errorCodeName } from '../protocol/error-codes'
import type { Call, CallOptions, Procedure } from '../protocol/procedure'
import { remoteError } from '../protocol/wire'
import { decode, encode } from '../xdr/codec'
import { encodeFrame, type Frame, FrameSplitter, MESSAGE_STATUS, MESSAGE_TYPE } from './frame'
import { KEEPALIVE, KeepAlive, type KeepAliveOptions } from './keepalive'

const REMOTE = { program: 0x20008086, version: 1 } as const

export interface RpcOptions {
  /** Deadline of calls that set none. */
  deadlineMs: number
  /** Calls on the wire at once; further ones queue here, because libvirtd stops reading at its own limit. */
  maxInFlight: number
  /** Called for every message that is not a reply: the events. May throw ProtocolError. */
  onMessage: (procedure: number, payload: Buffer) => void
}

interface Pending {
  procedure: string
  /** Answers the caller; undefined once the caller gave up. */
  settle: ((outcome: { payload: Buffer } | { error: Error }) => void) | undefined
}

/** Calls and replies over one byte stream. It ends once, for one reason, and then every pending call fails with it. */
export class RpcClient {
  /** Resolves when the connection has ended: with the reason, or undefined after `close()`. Never rejects. */
  readonly closed: Promise<Error | undefined>
  #announceClosed!: (reason: Error | undefined) => void
  #end: { reason: Error | undefined } | undefined
  #closing = false
  #serial = 0
  #inFlight = new Map<number, Pending>()
  #queue: { pending: Pending; procedure: number; payload: Buffer }[] = []
  #splitter = new FrameSplitter()
  #keepAlive: KeepAlive | undefined

  constructor(
    private readonly stream: Duplex,
    /** Names the other side in messages. */
    private readonly where: string,
    private readonly options: RpcOptions,
  ) {
    this.closed = new Promise((resolve) => {
      this.#announceClosed = resolve
    })
    stream.on('data', (chunk: Buffer) => this.#receive(chunk))
    stream.on('error', (error) => this.#lost(error.message))
    stream.on('end', () => this.#lost('closed by the other side'))
    stream.on('close', () => this.#lost('closed'))
  }

  get isOpen(): boolean {
    return this.#end === undefined
  }

  /**
   * Calls `procedure` and waits for the answer. Rejects with LibvirtError (libvirtd said no), DeadlineError,
   * ConnectionClosedError, ProtocolError (undecodable answer) or XdrError (arguments that do not fit).
   */
  readonly call: Call = <A, R>(
    procedure: Procedure<A, R>,
    args: A,
    options: CallOptions = {},
  ): Promise<R> => {
    const deadlineMs = options.deadlineMs ?? this.options.deadlineMs
    return new Promise<R>((resolve, reject) => {
      if (this.#end) {
        const why = this.#end.reason?.message ?? 'it was closed'
        throw new ConnectionClosedError(`cannot call "${procedure.name}" on ${this.where}: ${why}`)
      }
      const payload = encode(procedure.args, args)
      const timer = Number.isFinite(deadlineMs)
        ? setTimeout(() => {
            this.#abandon(pending)
            reject(new DeadlineError(procedure.name, deadlineMs))
          }, deadlineMs)
        : undefined
      const pending: Pending = {
        procedure: procedure.name,
        settle: (outcome) => {
          clearTimeout(timer)
          if ('error' in outcome) return reject(outcome.error)
          try {
            resolve(decode(procedure.result, outcome.payload))
          } catch (error) {
            reject(new ProtocolError(`undecodable answer to "${procedure.name}"`, { cause: error }))
          }
        },
      }
      this.#queue.push({ pending, procedure: procedure.number, payload })
      this.#sendQueued()
    })
  }

  /** Pings the other side when it is silent, and aborts the connection when nothing comes back. */
  startKeepAlive(options: KeepAliveOptions): void {
    if (this.#end) return
    this.#keepAlive = new KeepAlive(
      options,
      () => this.#sendKeepAlive(KEEPALIVE.ping),
      (silentMs) => this.abort(`${this.where} was silent for ${silentMs} ms`),
    )
  }

  /** Ends the stream in order. Calls that are still pending fail. */
  close(): void {
    if (this.#end) return
    this.#closing = true
    this.#finish(undefined)
    this.stream.end(() => this.stream.destroy())
    // A peer that reads nothing never lets the stream drain.
    setTimeout(() => this.stream.destroy(), 1000).unref()
  }

  /** Ends the connection at once. Pending calls fail with ConnectionClosedError and `reason`. */
  abort(reason: string): void {
    this.#fail(new ConnectionClosedError(reason))
  }

  #lost(detail: string): void {
    if (!this.#closing) this.#fail(new ConnectionClosedError(`connection to ${this.where} lost: ${detail}`))
  }

  #fail(error: Error): void {
    if (this.#end) return
    this.#finish(error)
    this.stream.destroy()
  }

  #finish(reason: Error | undefined): void {
    this.#end = { reason }
    this.#keepAlive?.stop()
    const waiting = [...this.#inFlight.values(), ...this.#queue.map(({ pending }) => pending)]
    this.#inFlight.clear()
    this.#queue = []
    for (const { procedure, settle } of waiting) {
      const why = reason?.message ?? 'the connection was closed'
      settle?.({
        error: new ConnectionClosedError(`"${procedure}" was not answered: ${why}`, { cause: reason }),
      })
    }
    this.#announceClosed(reason)
  }

  /** The place on the wire stays taken until libvirtd answers: it is still busy with the call. */
  #abandon(pending: Pending): void {
    pending.settle = undefined
    this.#queue = this.#queue.filter((queued) => queued.pending !== pending)
  }

  #sendQueued(): void {
    while (this.#inFlight.size < this.options.maxInFlight) {
      const next = this.#queue.shift()
      if (!next) return
      this.#serial = this.#serial === 0xffff_ffff ? 1 : this.#serial + 1
      const header = {
        ...REMOTE,
        procedure: next.procedure,
        type: MESSAGE_TYPE.call,
        status: MESSAGE_STATUS.ok,
      }
      try {
        this.stream.write(encodeFrame({ ...header, serial: this.#serial, payload: next.payload }))
        this.#inFlight.set(this.#serial, next.pending)
      } catch (error) {
        next.pending.settle?.({ error: error as Error })
      }
    }
  }

  #sendKeepAlive(procedure: number): void {
    const { program, version } = KEEPALIVE
    const header = {
      program,
      version,
      procedure,
      type: MESSAGE_TYPE.message,
      serial: 0,
      status: MESSAGE_STATUS.ok,
    }
    this.stream.write(encodeFrame(header))
  }

  #receive(chunk: Buffer): void {
    this.#keepAlive?.heard()
    try {
      for (const frame of this.#splitter.push(chunk)) {
        if (this.#end) return
        this.#dispatch(frame)
      }
    } catch (error) {
      this.#fail(
        error instanceof ProtocolError ? error : new ProtocolError('broken message', { cause: error }),
      )
    }
  }

  #dispatch(frame: Frame): void {
    if (frame.program === KEEPALIVE.program) {
      if (frame.procedure === KEEPALIVE.ping) this.#sendKeepAlive(KEEPALIVE.pong)
      return
    }
    // Events of programs that we do not speak (QEMU's, LXC's) are none of our business.
    if (frame.program !== REMOTE.program) return
    if (frame.type === MESSAGE_TYPE.message) {
      this.options.onMessage(frame.procedure, frame.payload)
      return
    }
    if (frame.type !== MESSAGE_TYPE.reply) throw new ProtocolError(`message of unexpected type ${frame.type}`)
    const pending = this.#inFlight.get(frame.serial)
    if (!pending) throw new ProtocolError(`answer to a call that was never made (serial ${frame.serial})`)
    this.#inFlight.delete(frame.serial)
    this.#sendQueued()
    pending.settle?.(
      frame.status === MESSAGE_STATUS.ok
        ? { payload: frame.payload }
        : { error: decodeError(frame.payload, pending.procedure) },
    )
  }
}

function decodeError(payload: Buffer, procedure: string): Error {
  try {
    const { code, domain, level, message } = decode(remoteError, payload)
    const codeName = errorCodeName(code)
    return new LibvirtError({
      code,
      codeName,
      domain,
      level,
      procedure,
      message: message ?? `libvirt error ${code}`,
    })
  } catch (error) {
    return new ProtocolError(`undecodable error to "${procedure}"`, { cause: error })
  }
}

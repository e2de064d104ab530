import type { VirtualClock } from '../clock/virtual-clock'
import type { Random } from '../random/random'

/** One end of a line between two processes. Messages arrive in order or not at all, as over TCP. */
export interface End {
  readonly here: string
  readonly there: string
  send(message: unknown): void
  close(): void
  onMessage: (message: unknown) => void
  /** Once: this end has found out that the line is gone. */
  onClose: () => void
}

interface Direction {
  from: string
  to: string
  queue: { message: unknown; readyAt: number }[]
  stuckSince: number | null
}

/** How long a silent line is believed in, as socket.io's ping timeout does. */
export const patienceMs = 5_000
const oneWayMs = 1

/**
 * The wires between stations (processes with a network address). A cut holds messages up, one way or both; a line
 * that was held up for longer than `patienceMs` is given up by both ends, each in its own time. Nothing is ever
 * lost in the middle of a line or overtakes what was sent before.
 */
export class Network {
  private readonly cuts = new Set<string>()
  private readonly slow = new Map<string, number>()
  /** Stations whose process stands still: their lines hold, but nothing goes through. */
  private readonly halted = new Set<string>()
  private readonly connections = new Set<Connection>()
  private readonly listeners = new Map<string, (end: End) => void>()

  constructor(
    private readonly clock: VirtualClock,
    private readonly random: Random,
  ) {}

  /** Takes calls at an address until the returned function is called. */
  listen(station: string, onCall: (end: End) => void): () => void {
    this.listeners.set(station, onCall)
    return () => {
      if (this.listeners.get(station) === onCall) this.listeners.delete(station)
    }
  }

  /** Calls a station; null when nobody answers there. */
  connect(from: string, to: string): Promise<End | null> {
    return new Promise((resolve) => {
      const wait = this.isHeld(from, to) || this.isHeld(to, from) ? patienceMs : this.delay(from, to) * 3
      this.clock.setTimer(wait, () => {
        const onCall = this.listeners.get(to)
        if (!onCall || this.isHeld(from, to) || this.isHeld(to, from)) return resolve(null)
        const connection = new Connection(this, from, to)
        this.connections.add(connection)
        onCall(connection.ends[1])
        resolve(connection.ends[0])
      })
    })
  }

  /**
   * Whether a station can be reached: a packet goes there and one comes back. `answers`: whether there is anybody to
   * answer when it arrives. Takes as long as the wires, or all of `timeoutMs`.
   */
  reach(from: string, to: string, timeoutMs: number, answers: () => boolean): Promise<boolean> {
    return new Promise((resolve) => {
      const there = this.delay(from, to)
      this.clock.setTimer(there, () => {
        const heard = !this.isCut(from, to) && answers()
        const back = this.delay(to, from)
        const inTime = heard && !this.isCut(to, from) && there + back < timeoutMs
        this.clock.setTimer(inTime ? back : Math.max(0, timeoutMs - there), () => resolve(inTime))
      })
    })
  }

  /** The process at the station stands still. Its kernel does not: it can be reached, it just says nothing. */
  halt(station: string): void {
    this.halted.add(station)
    for (const connection of this.connections) connection.look()
  }

  goOn(station: string): void {
    this.halted.delete(station)
    for (const connection of this.connections) connection.look()
  }

  /** Whether what one says on a line does not get to the other now. */
  isHeld(from: string, to: string): boolean {
    return this.halted.has(from) || this.halted.has(to) || this.isCut(from, to)
  }

  /** Whether a packet from one to the other would get lost now. */
  isCut(from: string, to: string): boolean {
    return this.cuts.has(`${from}>${to}`) || this.cuts.has(`${from}>*`) || this.cuts.has(`*>${to}`)
  }

  /** One way; `*` for everybody. */
  cut(from: string, to: string): void {
    this.cuts.add(`${from}>${to}`)
    for (const connection of this.connections) connection.look()
  }

  heal(from: string, to: string): void {
    this.cuts.delete(`${from}>${to}`)
    for (const connection of this.connections) connection.look()
  }

  healAll(): void {
    this.cuts.clear()
    this.slow.clear()
    for (const connection of this.connections) connection.look()
  }

  /** Everything that a station sends takes that much longer; 0 ends it. */
  slowDown(from: string, extraMs: number): void {
    if (extraMs > 0) this.slow.set(from, extraMs)
    else this.slow.delete(from)
  }

  /** The process at the station died: its kernel says goodbye to the others. */
  hangUp(station: string): void {
    this.listeners.delete(station)
    for (const connection of [...this.connections]) connection.abandon(station, true)
  }

  /** The machine lost its power: nobody says goodbye. */
  vanish(station: string): void {
    this.listeners.delete(station)
    for (const connection of [...this.connections]) connection.abandon(station, false)
  }

  /** @internal */
  delay(from: string, to: string): number {
    const extra = Math.max(this.slow.get(from) ?? 0, this.slow.get(to) ?? 0)
    return oneWayMs + this.random.between(0, 1) + (extra > 0 ? this.random.between(extra >> 1, extra) : 0)
  }

  /** @internal */
  timer(ms: number, fn: () => void): () => void {
    return this.clock.setTimer(ms, fn)
  }

  /** @internal */
  now(): number {
    return this.clock.now()
  }

  /** @internal */
  forget(connection: Connection): void {
    this.connections.delete(connection)
  }
}

class Connection {
  readonly ends: [ConnectionEnd, ConnectionEnd]
  private readonly directions: [Direction, Direction]
  private closed = false

  constructor(
    private readonly network: Network,
    caller: string,
    called: string,
  ) {
    this.ends = [new ConnectionEnd(this, caller, called), new ConnectionEnd(this, called, caller)]
    this.directions = [direction(caller, called), direction(called, caller)]
  }

  send(from: ConnectionEnd, message: unknown): void {
    if (this.closed) return
    const way = this.directions[this.ends.indexOf(from)]!
    const last = way.queue.at(-1)?.readyAt ?? 0
    const readyAt = Math.max(last, this.network.now() + this.network.delay(way.from, way.to))
    // What goes over a wire is a copy: no two processes share an object.
    way.queue.push({ message: JSON.parse(JSON.stringify(message)), readyAt })
    this.network.timer(readyAt - this.network.now(), () => this.deliver(way))
  }

  /** The cuts have changed: what was held up goes on, what is stuck begins to wear out the patience of both ends. */
  look(): void {
    if (this.closed) return
    for (const way of this.directions) {
      const cut = this.network.isHeld(way.from, way.to)
      if (!cut && way.stuckSince !== null) {
        way.stuckSince = null
        this.deliver(way)
      } else if (cut && way.stuckSince === null) {
        const since = this.network.now()
        way.stuckSince = since
        const giveUp = (): void => {
          if (way.stuckSince === since) this.giveUp(way)
        }
        this.network.timer(patienceMs, giveUp)
      }
    }
  }

  /** An end closes: it knows at once; the other hears of it if the wire carries it, else when its patience ends. */
  close(end: ConnectionEnd): void {
    if (this.closed) return
    this.closed = true
    this.network.forget(this)
    const other = this.other(end)
    end.lost()
    const wire = this.network.isHeld(end.here, end.there)
    this.network.timer(wire ? patienceMs : this.network.delay(end.here, end.there), () => other.lost())
  }

  /** One side is no more. What it had sent already still arrives when it died with its kernel alive. */
  abandon(station: string, goodbye: boolean): void {
    for (const end of this.ends) {
      if (end.here !== station || this.closed) continue
      end.dead = true
      if (goodbye && !this.network.isHeld(end.here, end.there)) {
        const way = this.directions[this.ends.indexOf(end)]!
        const last = way.queue.at(-1)?.readyAt ?? this.network.now()
        this.network.timer(last - this.network.now() + this.network.delay(way.from, way.to), () => this.end())
      } else {
        for (const way of this.directions) way.queue.length = 0
        this.network.timer(patienceMs, () => this.end())
      }
    }
  }

  other(end: ConnectionEnd): ConnectionEnd {
    return this.ends[0] === end ? this.ends[1] : this.ends[0]
  }

  private end(): void {
    if (this.closed) return
    this.closed = true
    this.network.forget(this)
    for (const end of this.ends) end.lost()
  }

  private giveUp(way: Direction): void {
    if (this.closed) return
    this.closed = true
    this.network.forget(this)
    const receiver = this.ends.find((end) => end.here === way.to)!
    receiver.lost()
    this.network.timer(2_000, () => this.other(receiver).lost())
  }

  private deliver(way: Direction): void {
    const receiver = this.ends.find((end) => end.here === way.to)!
    while (!this.closed && way.queue[0] && way.queue[0].readyAt <= this.network.now()) {
      if (this.network.isHeld(way.from, way.to)) return
      const { message } = way.queue.shift()!
      if (!receiver.dead) receiver.onMessage(message)
    }
  }
}

class ConnectionEnd implements End {
  dead = false
  private told = false
  onMessage: (message: unknown) => void = () => {}
  onClose: () => void = () => {}

  constructor(
    private readonly connection: Connection,
    readonly here: string,
    readonly there: string,
  ) {}

  send(message: unknown): void {
    if (!this.dead && !this.told) this.connection.send(this, message)
  }

  close(): void {
    if (!this.dead) this.connection.close(this)
  }

  lost(): void {
    if (this.told || this.dead) return
    this.told = true
    this.onClose()
  }
}

function direction(from: string, to: string): Direction {
  return { from, to, queue: [], stuckSince: null }
}

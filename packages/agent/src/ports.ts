import type { Clock } from '@drover/hypervisor'
import type { Beat } from '@drover/protocol'

export type { Clock }

export interface Log {
  info(message: string, fields?: Record<string, unknown>): void
  warn(message: string, fields?: Record<string, unknown>): void
  error(message: string, fields?: Record<string, unknown>): void
}

/** Heartbeats as small files on a datastore, one a host, replaced whole. `root` is where this host has it mounted. */
export interface Beats {
  /**
   * Resolves when it is on the storage. Rejects when the storage is gone, also when its mount point is there without
   * it; or hangs until the storage is back: the agent never asks the same datastore twice at once.
   */
  write(root: string, beat: Beat): Promise<void>
  /** Those of all hosts, its own included; unreadable ones are left out. */
  read(root: string): Promise<Beat[]>
}

/** The machine that the agent runs on, past its hypervisor. */
export interface Machine {
  /**
   * Milliseconds since this power-on, also while it was suspended. Nobody sets it, and every life of the agent reads the
   * same one, so a lease that is measured with it cannot be stretched by a clock that jumps or an agent that restarts.
   */
  uptimeMs(): number
  /** Resolves when it is on its way down. */
  shutdown(reboot: boolean): Promise<void>
  /** Whether it is shutting down or rebooting now, as far as it can tell. Never rejects. */
  goesDown(): Promise<boolean>
  /** Whether something that runs on another host has answered; a mere open or refused connection is none. Never rejects. */
  reaches(address: string, timeoutMs: number): Promise<boolean>
  /** A hardware watchdog that resets the host when it is not fed; null where there is none. */
  watchdog: Watchdog | null
}

export interface Watchdog {
  /** Feeds it; from the first time on the host is reset when `timeoutMs` pass without. */
  feed(): void
  timeoutMs: number
  /** Lets go of it without a reset. */
  close(): void
}

/** The agent's identity: an Ed25519 key that never leaves its host. */
export interface Keys {
  /** Base64 of the raw 32 bytes. */
  publicKey: string
  /** Base64 of the signature over the text. */
  sign(text: string): string
}

/** Small JSON values by key that survive the process: once `put` resolves, the value is on the disk. */
export interface Journal {
  read(): Promise<{ key: string; value: unknown }[]>
  put(key: string, value: unknown): Promise<void>
  remove(key: string): Promise<void>
}

/** The line to control, as its transport offers it: socket.io in production, a simulated network in the simulation. */
export interface ControlLine {
  /** Says something that needs no answer; lost when the line is. */
  send(event: 'heartbeat' | 'progress', message: unknown): void
  /** Resolves with whatever was answered (the agent validates it); rejects when the line breaks. */
  request(
    event: 'enrol' | 'hello' | 'report' | 'changed' | 'result' | 'goodbye',
    message: unknown,
  ): Promise<unknown>
  close(why: string): void
}

/** The agent's end of that line: the transport brings it everything that arrives, unvalidated. */
export interface LineEnd {
  /** `event` is a name of protocol's `ControlToAgent`; `answer` is present where the sender waits for one. */
  receive(event: string, payload: unknown, answer?: (reply: unknown) => void): void
  /** The line is gone, or could not be made. Said once. */
  closed(why: string): void
}

/** Begins to connect and returns at once; the first thing to arrive is control's `challenge`. */
export type Dial = (end: LineEnd) => ControlLine

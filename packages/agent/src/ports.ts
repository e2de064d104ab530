import type { Clock } from '@drover/hypervisor'

export type { Clock }

export interface Log {
  info(message: string, fields?: Record<string, unknown>): void
  warn(message: string, fields?: Record<string, unknown>): void
  error(message: string, fields?: Record<string, unknown>): void
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
  request(event: 'enrol' | 'hello' | 'report' | 'changed' | 'result', message: unknown): Promise<unknown>
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

import type { Codec } from '../xdr/codec'

/** One remote procedure: its number in remote_protocol.x, and what goes in and out. */
export interface Procedure<A, R> {
  /** In words, for error messages. */
  readonly name: string
  readonly number: number
  readonly args: Codec<A>
  readonly result: Codec<R>
}

export const procedure = <A, R>(
  number: number,
  name: string,
  args: Codec<A>,
  result: Codec<R>,
): Procedure<A, R> => ({ number, name, args, result })

export interface CallOptions {
  /** How long to wait for the answer, queueing included. `Infinity` waits as long as the connection lives. */
  deadlineMs?: number
}

/** Calls a procedure on some connection. */
export type Call = <A, R>(procedure: Procedure<A, R>, args: A, options?: CallOptions) => Promise<R>

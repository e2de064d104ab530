import type { Initiator } from '@drover/model'

/** The kinds of things that get an id from the writer. */
export type IdKind =
  | 'datacenter'
  | 'cluster'
  | 'host'
  | 'vm'
  | 'datastore'
  | 'network'
  | 'task'
  | 'token'
  | 'rule'
  | 'fence'
  | 'incident'
  | 'alarm'
  | 'threshold'
  | 'decision'
  | 'shadow'

/** Hands out the next id of a kind: `vm-17`. A decision that comes to nothing uses none up. */
export interface IdSource {
  next<K extends IdKind>(kind: K): `${K}-${number}`
}

/** Everything a decision takes from outside the world. The writer fills it in; the engine has no clock and no dice. */
export interface Context {
  /** Epoch milliseconds by control's clock. */
  now: number
  ids: IdSource
  uuid(): string
  /** A fresh one-time key: 32 bytes as 64 hex digits. */
  key(): string
  /** Who asked. */
  initiator: Initiator
}

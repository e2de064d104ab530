import type { Change, Refusal, World } from '@drover/model'
import type { Context } from './context'

export interface Refused {
  ok: false
  /** Every reason against, never only the first. */
  refusals: Refusal[]
}

/** What a decision comes to: rows and events to commit, and what to answer once they are; or every reason against. */
export type Decision<V = null> = { ok: true; change: Change; value: V } | Refused

/** A decision to be made: a pure function of the committed world. May be called more than once. */
export type Decide<V = null> = (world: World, ctx: Context) => Decision<V>

/** Accepts: commit `change`, then answer `value`. */
export function accept<V>(change: Change, value: V): Decision<V> {
  return { ok: true, change, value }
}

/** Refuses, with every reason. */
export function refuse(refusals: Refusal[]): Refused {
  return { ok: false, refusals }
}

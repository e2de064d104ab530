import type { HostId, IncidentId, Ref } from '../id'
import type { Refusal } from '../refusal/refusal'

/**
 * A VM that should run and does not: what has been tried. On the VM's row from the moment that it is noticed until it
 * runs, so a new leader goes on where the last one was.
 */
export interface Recovery {
  state: 'waiting' | 'starting' | 'error'
  cause: 'host_lost' | 'crashed' | 'wanted'
  since: number
  incidentId: IncidentId | null
  /** The host it was lost on, and where it goes home to. */
  from: Ref<HostId>
  /** Failed starts: on which host, how often. */
  tried: { hostId: HostId; times: number }[]
  /** Not before this time (backoff). */
  notBefore: number | null
  /** Why it does not start now; empty while it does. */
  why: Refusal[]
}

import { decideTurnedAway } from '@drover/engine'
import type { AgentFault, HostId } from '@drover/model'
import type { Clock, Log } from '../ports'
import type { Writer } from '../writer/writer'

/** How often at most history gets a line about the same fault of the same host, or of a peer that is no host. */
const quietMs = 10 * 60_000
/** So many at once are told apart; of more, only the metric tells. */
const tellApart = 1_000

/** An agent that was not listened to. */
export interface RefusedAgent {
  fault: AgentFault
  why: string
  /** What it calls itself, or is known as. */
  name: string
  peer: string
  /** The host that it is, or claims to be. */
  hostId: HostId | null
}

/** Refusals that history has not told yet. */
interface Untold {
  count: number
  last: RefusedAgent
}

/**
 * Tells of agents that misbehave: every time to the metrics; to history at once, and then every ten minutes how often it
 * happened again. So an agent gone mad is found, and cannot flood what it is found in.
 */
export class RefusedAgents {
  readonly #untold = new Map<string, Untold>()

  constructor(
    private readonly writer: Writer,
    private readonly clock: Clock,
    private readonly log: Log,
    private readonly onRefused: (fault: AgentFault) => void,
  ) {}

  note(refused: RefusedAgent): void {
    const { fault, why, name, peer, hostId } = refused
    this.log.warn('an agent was refused', { fault, why, name, peer })
    this.onRefused(fault)
    const key = `${hostId ?? peer} ${fault}`
    const untold = this.#untold.get(key)
    if (untold) {
      untold.count += 1
      untold.last = refused
    } else if (this.#untold.size < tellApart) this.#tell(key, { count: 1, last: refused })
  }

  #tell(key: string, { count, last }: Untold): void {
    const untold: Untold = { count: 0, last }
    this.#untold.set(key, untold)
    const { fault, name, hostId } = last
    // Parts of it are the agent's own words.
    const why = last.why.replace(/[\p{Cc}\p{Cs}]/gu, '�').slice(0, 300)
    this.writer
      .propose({ kind: 'drover' }, (world) => decideTurnedAway(world, { fault, name, why, count, hostId }))
      .then((answer) => {
        const later = !answer.ok && answer.refusals.some(({ code }) => code === 'database_away')
        if (later) untold.count += count
      })
      .catch((error) => this.log.error('a refused agent could not be told of', { error: String(error) }))
    this.clock.setTimer(quietMs, () => {
      this.#untold.delete(key)
      if (untold.count > 0) this.#tell(key, untold)
    })
  }
}

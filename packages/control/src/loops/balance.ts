import { Averages, balanceOf, balanceSamples, balances, type Decide, decideBalance } from '@drover/engine'
import type { ClusterId, World } from '@drover/model'
import type { Clock, Log } from '../ports'
import type { Writer } from '../writer/writer'

/** How often it is looked whether there is anything to do. */
const tickMs = 5_000
/** However long hold times are, loads are looked at this often. */
const mostMs = 60_000
/** A plan takes no longer than this of the thread that heartbeats need as well; what is found by then is good enough. */
const planMs = 100

export interface BalancePorts {
  world: World
  writer: Writer
  clock: Clock
  log: Log
}

/**
 * Looks at the load of the clusters that are to even it out, a few times within their hold time. Where none is, it does
 * nothing at all.
 */
export class BalanceLoop {
  #stopTimer: () => void = () => {}
  #stopped = false
  #proposing = false
  #due = true
  #lookedAt = 0
  readonly #averages = new Averages()
  readonly #sampledAt = new Map<ClusterId, number>()

  constructor(private readonly ports: BalancePorts) {
    this.#schedule()
  }

  stop(): void {
    this.#stopped = true
    this.#stopTimer()
  }

  #schedule(): void {
    if (this.#stopped) return
    this.#stopTimer = this.ports.clock.setTimer(tickMs, () => {
      this.#sample()
      if (this.#due) this.#look()
      this.#schedule()
    })
  }

  /** Counts what VMs use, a few times within the hold time of their cluster. */
  #sample(): void {
    const { world, clock } = this.ports
    const now = clock.now()
    for (const cluster of world.tables.cluster.values()) {
      const { mode, holdMs, by } = balanceOf(cluster)
      if (mode === 'off') continue
      if (now - (this.#sampledAt.get(cluster.id) ?? 0) < holdMs / balanceSamples) continue
      this.#sampledAt.set(cluster.id, now)
      this.#due = true
      if (by === 'actual-load') this.#averages.note(world, cluster)
    }
    if (now - this.#lookedAt >= mostMs) this.#due = true
  }

  #look(): void {
    const { world, writer, clock, log } = this.ports
    this.#due = false
    this.#lookedAt = clock.now()
    if (this.#proposing || this.#stopped || !balances(world)) return
    this.#proposing = true
    const decide: Decide = (now, ctx) => {
      const until = clock.now() + planMs
      return decideBalance(now, ctx, () => clock.now() < until)
    }
    writer
      .propose({ kind: 'drover' }, decide)
      .catch((error: unknown) => log.error('balancing failed', { error: String(error) }))
      .finally(() => {
        this.#proposing = false
      })
  }
}

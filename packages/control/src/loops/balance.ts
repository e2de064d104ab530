import { balanceOf, balances, type Decide, decideBalance } from '@drover/engine'
import type { World } from '@drover/model'
import type { Clock, Log } from '../ports'
import type { Writer } from '../writer/writer'

const leastMs = 5_000
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

  constructor(private readonly ports: BalancePorts) {
    this.#schedule()
  }

  stop(): void {
    this.#stopped = true
    this.#stopTimer()
  }

  #schedule(): void {
    if (this.#stopped) return
    this.#stopTimer = this.ports.clock.setTimer(this.#everyMs, () => {
      this.#look()
      this.#schedule()
    })
  }

  get #everyMs(): number {
    let every = mostMs
    for (const cluster of this.ports.world.tables.cluster.values())
      if (balanceOf(cluster).mode === 'full')
        every = Math.min(every, Math.max(leastMs, balanceOf(cluster).holdMs / 6))
    // One that is switched on is noticed soon.
    return balances(this.ports.world) ? every : leastMs
  }

  #look(): void {
    const { world, writer, clock, log } = this.ports
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

import { StoreAway } from '@drover/store'
import type { ControlPorts } from '../ports'
import type { Publisher } from '../publish/publisher'
import { Term } from './term'

/** How long a leader that fell silent keeps the others out. */
const leaseMs = 5_000
/** How often the lease is renewed, or asked for: three tries before it runs out. */
const renewMs = 1_500

/**
 * Leads, or stands by. One loop for both: ask the store for the lease; whoever gets it loads the world and begins a
 * term, whoever loses it ends the term at once. Take-over, restart and the first start are the same path.
 */
export class Leader {
  /** The term that this daemon leads in; null while it stands by. */
  current: Term | null = null
  /** The newest term that this daemon has led in; 0 when none. */
  term = 0
  /** Since when the store cannot be reached, as far as leading is concerned. */
  awaySince: number | null = null
  #stopTimer: () => void = () => {}
  #stopped = false
  /** Until then nobody else can lead: the lease runs from before it was asked for. */
  #sureUntil = 0

  constructor(
    private readonly ports: ControlPorts,
    private readonly publisher: Publisher,
    private readonly onHealth: () => void,
  ) {}

  async start(): Promise<void> {
    this.#stopped = false
    await this.#once()
    this.#schedule()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#stopTimer()
    const led = this.current !== null
    this.#end('this control daemon is stopping')
    if (led)
      await this.ports.store.resign(this.ports.daemon, this.term).catch((error: unknown) => {
        // The lease runs out by itself; the next leader only waits a little longer.
        this.ports.log.warn('the lease could not be given up', { error: String(error) })
      })
  }

  #schedule(): void {
    if (this.#stopped) return
    this.#stopTimer = this.ports.clock.setTimer(renewMs, () => {
      void this.#once()
        .then(() => this.#away(null))
        .catch((error: unknown) => {
          if (!(error instanceof StoreAway))
            this.ports.log.error('leading failed', {
              error: error instanceof Error ? error.stack : String(error),
            })
          this.#away(this.awaySince ?? this.ports.clock.now())
        })
        .finally(() => this.#schedule())
    })
  }

  async #once(): Promise<void> {
    const { store, daemon, log } = this.ports
    const askedAt = this.ports.clock.now()
    const lease = await store.lead(daemon, leaseMs)
    if (this.#stopped) return
    this.#sureUntil = lease === null ? 0 : askedAt + leaseMs
    if (lease === null || lease.term !== this.term) this.#end('another control daemon leads')
    if (lease === null || this.current) return
    const loaded = await store.load().catch(async (error: unknown) => {
      // Whoever holds the lease and cannot lead would keep out one that can.
      await store.resign(daemon, lease.term).catch(() => {})
      throw error
    })
    if (this.#stopped) return
    this.term = lease.term
    const term = new Term({
      ...this.ports,
      term: lease.term,
      loaded,
      publisher: this.publisher,
      onHealth: this.onHealth,
      isSure: () => this.#isSure,
      onDeposed: () => this.#end('another control daemon leads'),
    })
    this.current = term
    log.info('leading', { term: lease.term, seq: loaded.counters.seq })
    this.onHealth()
    const body = { kind: 'control.leading', daemon, term: lease.term } as const
    const initiator = { kind: 'drover' } as const
    await term.writer.propose(initiator, () => ({
      ok: true,
      change: [{ body, initiator, rows: [] }],
      value: null,
    }))
  }

  get #isSure(): boolean {
    const leftMs = this.#sureUntil - this.ports.clock.now()
    return leftMs > 0 && leftMs <= leaseMs
  }

  #end(why: string): void {
    const { current } = this
    if (!current) return
    this.current = null
    current.end(why)
    this.ports.log.warn('no longer leading', { term: this.term, why })
    this.onHealth()
  }

  #away(since: number | null): void {
    if (this.awaySince === since) return
    this.awaySince = since
    this.onHealth()
  }
}

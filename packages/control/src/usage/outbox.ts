import { usageWidthMs } from '@drover/model'
import { Deposed, StoreAway, type UsageBlock, type UsageStore, type UsageWriter } from '@drover/store'
import type { Log } from '../ports'

/** Values that are kept while the database is away: 32 MiB. */
const mostValues = 8 * 1024 ** 2
/** Room is made, and what is old forgotten, this often. */
const upkeepMs = 3_600_000

export interface OutboxPorts {
  store: UsageStore
  writer: UsageWriter
  log: Log
}

/**
 * Blocks on their way to the database, one after the other, in the order they came. While it is away they wait, as many as
 * memory is given for; then the oldest are dropped. Nobody waits for it.
 */
export class Outbox {
  #waiting: UsageBlock[] = []
  #values = 0
  #lost: { values: number; fromAt: number; toAt: number } | null = null
  #sending = false
  #stopped = false
  #upkeepAt: number | null = null

  constructor(private readonly ports: OutboxPorts) {}

  stop(): void {
    this.#stopped = true
    this.#waiting = []
  }

  get length(): number {
    return this.#waiting.length
  }

  /** Sends these and what still waits, as far as the database takes it now. */
  send(blocks: readonly UsageBlock[], now: number): void {
    if (this.#stopped) return
    for (const block of blocks) {
      this.#waiting.push(block)
      this.#values += sizeOf(block)
    }
    while (this.#values > mostValues && this.#waiting.length > 1) this.#drop()
    if (!this.#sending) void this.#sendAll(now)
  }

  #drop(): void {
    const [oldest] = this.#waiting.splice(this.#sending ? 1 : 0, 1)
    if (!oldest) return
    const { fromAt, count, width } = oldest
    this.#values -= sizeOf(oldest)
    if (!this.#lost)
      this.ports.log.warn('the database has been away for long: the oldest recorded usage is dropped')
    const toAt = fromAt + count * usageWidthMs[width]
    this.#lost = {
      values: (this.#lost?.values ?? 0) + sizeOf(oldest),
      fromAt: Math.min(this.#lost?.fromAt ?? fromAt, fromAt),
      toAt: Math.max(this.#lost?.toAt ?? toAt, toAt),
    }
  }

  async #sendAll(now: number): Promise<void> {
    const { store, writer, log } = this.ports
    this.#sending = true
    try {
      // Also when the clock was set back: what was done in a future that never came is to be done now.
      if (this.#upkeepAt === null || Math.abs(now - this.#upkeepAt) >= upkeepMs) {
        await store
          .upkeep(now, writer)
          .catch((error: unknown) => this.#failed(error, 'room for usage was not made'))
        this.#upkeepAt = now
      }
      while (!this.#stopped) {
        const block = this.#waiting[0]
        if (!block) break
        await store.record([block], writer)
        this.#done(block)
      }
      if (this.#lost && !this.#stopped) {
        const { values, fromAt, toAt } = this.#lost
        log.warn('recorded usage was lost while the database was away', { values, fromAt, toAt })
        this.#lost = null
      }
    } catch (error) {
      const block = this.#waiting[0]
      // What PostgreSQL will not have it will not have the next time either.
      if (this.#failed(error, 'usage was not recorded') && block) this.#done(block)
    } finally {
      this.#sending = false
    }
  }

  #done(block: UsageBlock): void {
    if (this.#waiting[0] !== block) return
    this.#waiting.shift()
    this.#values -= sizeOf(block)
  }

  /** Whether it is of no use to try again. */
  #failed(error: unknown, what: string): boolean {
    if (error instanceof StoreAway) return false
    if (error instanceof Deposed) {
      this.stop()
      return false
    }
    this.ports.log.error(what, { error: error instanceof Error ? error.stack : String(error) })
    return true
  }
}

function sizeOf({ ids, count, columns }: UsageBlock): number {
  return ids.length * count * Object.keys(columns).length
}

import pg from 'pg'
import { StoreAway } from '../port'

/** How long a silent PostgreSQL is waited for before it counts as away. */
export const answerMs = 3_000

/** A warning for the operator of the daemon. */
export interface StoreLog {
  warn(message: string, fields?: Record<string, unknown>): void
}

/** One connection, for as long as it is borrowed. Queries that are asked together travel together. */
export interface Session {
  query<Row extends object = object>(
    text: string,
    values?: unknown[],
    waitMs?: number,
  ): Promise<pg.QueryResult<Row>>
  /** Whether the connection is known to be gone. */
  readonly isBroken: boolean
}

export interface DatabaseOptions {
  url: string
  connections: number
  log: StoreLog
}

/** bigint and timestamptz as the numbers they are in Drover: counts and epoch milliseconds. */
const parsers: Record<number, (text: string) => unknown> = {
  [pg.types.builtins.INT8]: Number,
  [pg.types.builtins.TIMESTAMPTZ]: (text) =>
    Number(pg.types.getTypeParser(pg.types.builtins.TIMESTAMPTZ)(text)),
}
const types = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    (format !== 'binary' && parsers[oid]) || pg.types.getTypeParser(oid, format as 'text'),
} as pg.CustomTypesConfig

/**
 * A few connections to PostgreSQL, made again when they break. Every call ends: with an answer, with PostgreSQL's own
 * error, or with `StoreAway` when it does not answer in time.
 */
export class Database {
  readonly #pool: pg.Pool

  constructor({ url, connections, log }: DatabaseOptions) {
    this.#pool = new pg.Pool({
      connectionString: url,
      max: connections,
      connectionTimeoutMillis: answerMs,
      idleTimeoutMillis: 60_000,
      // A connection that broke without a word must not hold locks for longer than its daemon waits.
      idle_in_transaction_session_timeout: answerMs,
      keepAlive: true,
      application_name: 'drover',
      pipeline: true,
      types,
    })
    // Without a handler, a connection that breaks while idle would end the process. The pool makes a new one.
    this.#pool.on('error', (error) =>
      log.warn('a connection to the database broke', { error: error.message }),
    )
  }

  /** Borrows a connection. After any failure it is closed, so that PostgreSQL undoes what was not committed. */
  async run<T>(work: (session: Session) => Promise<T>, deadlineMs = answerMs): Promise<T> {
    const client = await this.#pool.connect().catch((error) => {
      throw new StoreAway(`the database cannot be reached: ${reasonOf(error)}`, false)
    })
    let isBroken = false
    const broke = () => {
      isBroken = true
    }
    client.on('error', broke)
    const session: Session = {
      query: <Row extends object>(text: string, values?: unknown[], waitMs = deadlineMs) =>
        client
          .query<Row>({ text, values, query_timeout: waitMs } as pg.QueryConfig)
          .catch((error: unknown) => {
            throw isAway(error) ? new StoreAway(`the database went away: ${reasonOf(error)}`, false) : error
          }),
      get isBroken() {
        return isBroken
      },
    }
    let failed = true
    try {
      const value = await work(session)
      failed = false
      return value
    } finally {
      client.release(failed || isBroken)
      client.off('error', broke)
    }
  }

  /**
   * All or nothing; when `readOnly`, as of one moment. `StoreAway.unknownOutcome` is true exactly when the connection was
   * lost after COMMIT had been sent: what was written is locked by then, so whoever asks later waits (see `lastBatch`).
   */
  transaction<T>(
    work: (session: Session) => Promise<T>,
    { deadlineMs, readOnly }: { deadlineMs?: number; readOnly?: boolean } = {},
  ): Promise<T> {
    return this.run(async (session) => {
      const begin = readOnly ? 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY' : 'BEGIN'
      // However long the work may take: whether PostgreSQL is there shows at once.
      await session.query(begin, [], answerMs)
      const value = await work(session)
      if (session.isBroken) throw new StoreAway('the database went away before the commit', false)
      const { command } = await session.query('COMMIT').catch((error: unknown) => {
        throw error instanceof StoreAway ? new StoreAway(error.message, !readOnly) : error
      })
      if (command !== 'COMMIT') throw new Error(`PostgreSQL answered a commit with ${command}`)
      return value
    }, deadlineMs)
  }

  close(): Promise<void> {
    return this.#pool.end()
  }
}

/**
 * Waits for all answers; then throws the first failure, in the order of asking. (The ones behind it only say that the
 * transaction had failed already.)
 */
export async function together<T extends readonly unknown[]>(
  queries: readonly [...{ [I in keyof T]: Promise<T[I]> }],
): Promise<T> {
  const answers = await Promise.allSettled(queries)
  for (const answer of answers) if (answer.status === 'rejected') throw answer.reason
  return answers.map((answer) => (answer as PromiseFulfilledResult<unknown>).value) as unknown as T
}

/**
 * What PostgreSQL says when the trouble is its own, and passes: connection exceptions (08), a standby that only reads
 * (25006), a transaction left idle (25P03), deadlock and serialization (40), no room or connections (53), a lock not had
 * (55P03), shut down or cancelled (57), input and output (58). Everything else it says is about what it was asked.
 */
const passing = /^(08|25006|25P03|40|53|55P03|57|58)/

function isAway(error: unknown): boolean {
  return !(error instanceof pg.DatabaseError) || passing.test(error.code ?? '')
}

function reasonOf(error: unknown): string {
  const { message, code } = error as { message?: string; code?: string }
  if (message === 'Query read timeout') return 'no answer in time'
  return message || code || String(error)
}

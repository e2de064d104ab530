import type { Leadership } from '../port'
import { type Database, together } from './database'

/**
 * Takes or renews the lease, by PostgreSQL's clock. A change of leader also passes the ledger on, which waits for a batch
 * that is being committed and bars every later one of the old leader; a renewal waits for nobody.
 */
export function lead(database: Database, daemon: string, leaseMs: number): Promise<Leadership | null> {
  return database.transaction(async (session) => {
    const { rows } = await session.query<{ term: number; remainingMs: number }>(
      `UPDATE leadership SET holder = $1,
         term = term + CASE WHEN holder = $1 THEN 0 ELSE 1 END,
         taken_at = CASE WHEN holder = $1 THEN taken_at ELSE clock_timestamp() END,
         expires_at = clock_timestamp() + $2 * interval '1 millisecond'
       WHERE holder IS NULL OR holder = $1 OR expires_at <= clock_timestamp()
       RETURNING term, floor(extract(epoch FROM expires_at - clock_timestamp()) * 1000)::float8 AS "remainingMs"`,
      [daemon, leaseMs],
    )
    const [won] = rows
    if (!won) return null
    await session.query('UPDATE ledger SET term = $1, daemon = $2 WHERE term <> $1', [won.term, daemon])
    return { term: won.term, holder: daemon, remainingMs: won.remainingMs }
  })
}

/** Gives the lease and the ledger up, if they are still this daemon's. */
export async function resign(database: Database, daemon: string, term: number): Promise<void> {
  await database.transaction((session) =>
    together([
      session.query('UPDATE leadership SET holder = NULL WHERE term = $1 AND holder = $2', [term, daemon]),
      session.query('UPDATE ledger SET daemon = NULL WHERE term = $1 AND daemon = $2', [term, daemon]),
    ]),
  )
}

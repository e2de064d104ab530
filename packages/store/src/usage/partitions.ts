import type { UsageWidth } from '@drover/model'
import pg from 'pg'
import type { Session } from '../prisma/database'
import { outlived, type Partition } from './chunks'

/** Held in a transaction while partitions are made or dropped: an old leader and a new one take turns. */
const partitionLock = 7_365_210_419

/**
 * Makes the partitions that are missing, in the caller's transaction. They are filled in beside the table and then
 * attached, so that nobody who reads or writes it waits.
 */
export async function addPartitions(
  session: Session,
  width: UsageWidth,
  partitions: readonly Partition[],
): Promise<void> {
  const wanted = new Map(partitions.map((partition) => [nameOf(width, partition), partition]))
  if (wanted.size === 0 || (await missing(session, width, [...wanted.keys()])).length === 0) return
  await session.query('SELECT pg_advisory_xact_lock($1)', [partitionLock])
  for (const name of await missing(session, width, [...wanted.keys()])) {
    const { fromAt, toAt } = wanted.get(name)!
    const table = pg.escapeIdentifier(name)
    await session.query(`CREATE TABLE ${table} (LIKE usage_${width} INCLUDING ALL) WITH (fillfactor = 60)`)
    await session.query(
      `ALTER TABLE usage_${width} ATTACH PARTITION ${table} FOR VALUES FROM (${moment(fromAt)}) TO (${moment(toAt)})`,
    )
  }
}

/** Drops the partitions that are kept no longer, in the caller's transaction. */
export async function dropPartitions(session: Session, width: UsageWidth, now: number): Promise<void> {
  const there = await partitionsThere(session, width)
  const names = there.map((name) => name.slice(nameOf(width, { name: '' }).length))
  const gone = outlived(width, now, names).map((name) => nameOf(width, { name }))
  if (gone.length === 0) return
  await session.query('SELECT pg_advisory_xact_lock($1)', [partitionLock])
  // To drop one nobody may be reading the table: rather later than that others queue up behind.
  await session.query(`SET LOCAL lock_timeout = '1s'`)
  await session.query(`DROP TABLE IF EXISTS ${gone.map((name) => pg.escapeIdentifier(name)).join(', ')}`)
}

const nameOf = (width: UsageWidth, { name }: Pick<Partition, 'name'>): string => `usage_${width}_${name}`

const moment = (at: number): string => pg.escapeLiteral(new Date(at).toISOString())

async function missing(session: Session, width: UsageWidth, names: string[]): Promise<string[]> {
  const there = new Set(await partitionsThere(session, width))
  return names.filter((name) => !there.has(name)).sort()
}

/** Asked of the catalogue's tables: PostgreSQL's caches may not know yet what another one has just made. */
async function partitionsThere(session: Session, width: UsageWidth): Promise<string[]> {
  const { rows } = await session.query<{ name: string }>(
    'SELECT relname AS name FROM pg_inherits JOIN pg_class ON oid = inhrelid WHERE inhparent = $1::regclass',
    [`usage_${width}`],
  )
  return rows.map(({ name }) => name)
}

import { type TableName, tableNames } from '@drover/model'
import pg from 'pg'
import { type Batch, Deposed } from '../port'
import { insertRows, updateRows, upsertRows } from '../postgres/bulk'
import { columnsOf, eventColumns } from './columns'
import { answerMs, type Database, type Session, together } from './database'

/** What a row, and each KiB of its text, may add to the time that a batch is given: some decisions are made from megabytes. */
const rowMs = 1
const kibMs = 0.5

/**
 * Commits a batch in one transaction. The ledger comes first: it is found only when this daemon still holds the term and
 * `number` follows the last batch, and stays locked until the end, so batches come one after the other, whoever sends them.
 */
export function commit(database: Database, batch: Batch): Promise<void> {
  return database.transaction(
    async (session) => {
      const claim = session.query(
        `UPDATE ledger SET batch = $1, seq = $2, hash = $3, next_ids = $4
       WHERE term = $5 AND daemon = $6 AND batch = $1 - 1`,
        [
          batch.number,
          batch.counters.seq,
          batch.counters.hash,
          JSON.stringify(batch.counters.nextIds),
          batch.term,
          batch.daemon,
        ],
      )
      const written = together([
        insertRows(session, 'event', eventColumns, batch.events),
        ...tableNames.flatMap((table) => writeTable(session, table, batch)),
      ])
      // What the others say counts only once it is known that we were allowed to write.
      written.catch(() => {})
      const { rowCount } = await claim
      if (rowCount === 0) throw new Deposed(batch.term)
      await written
    },
    { deadlineMs: deadlineOf(batch) },
  )
}

/** How long (ms) a batch may take before the database counts as away: by how much of it is written. */
export function deadlineOf({ rows, events }: Pick<Batch, 'rows' | 'events'>): number {
  let chars = 0
  for (const { row, fields } of rows)
    for (const [field, value] of Object.entries(row ?? {}))
      if (typeof value === 'string' && (fields?.includes(field) ?? true)) chars += value.length
  return answerMs + rowMs * (rows.length + events.length) + (kibMs * chars) / 1_024
}

function writeTable(session: Session, table: TableName, batch: Batch): Promise<unknown>[] {
  const writes = batch.rows.filter((write) => write.table === table)
  const rows = writes.flatMap(({ row, fields }) => (row && !fields ? [row] : []))
  const changed = writes.flatMap(({ row, fields }) => (row && fields ? [row] : []))
  const gone = writes.filter(({ row }) => row === null).map(({ id }) => id)
  const writing: Promise<unknown>[] = []
  if (gone.length > 0) {
    writing.push(
      session.query(`DELETE FROM ${pg.escapeIdentifier(table)} WHERE id = ANY ($1::text[])`, [gone]),
    )
  }
  if (rows.length > 0) writing.push(upsertRows(session, table, columnsOf(table), rows))
  if (changed.length > 0) {
    // What any of them changes is written of all: one statement, however they differ.
    const fields = new Set(writes.flatMap((write) => (write.row && write.fields) || []))
    writing.push(updateRows(session, table, columnsOf(table, fields), changed))
  }
  return writing
}

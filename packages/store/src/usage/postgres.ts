import {
  type UsageField,
  type UsageQuery,
  type UsageSeries,
  type UsageWidth,
  usageFields,
  usageWidthMs,
} from '@drover/model'
import { Deposed } from '../port'
import type { Database, Session } from '../prisma/database'
import {
  copyChunk,
  emptySeries,
  layouts,
  type Part,
  partitionOf,
  partitionsAhead,
  partsOf,
  usageWidths,
} from './chunks'
import { addPartitions, dropPartitions } from './partitions'
import type { UsageBlock, UsageStore, UsageWriter } from './port'

/** Time for a call, beside what its rows take. */
const callMs = 10_000
const rowMs = 1
/** Objects in one statement, and values in one answer: a bound for the memory that either takes. */
const objectsPerWrite = 5_000
const valuesPerRead = 8_000_000

const bytes = 4

/** Recorded usage in the partitioned tables `usage_raw`, `usage_5m` and `usage_1h`: rows of packed little-endian floats. */
export function postgresUsage(database: Database): UsageStore {
  return {
    record: (blocks, writer) => record(database, blocks, writer),
    series: (query) => series(database, query),
    upkeep: (now, writer) => upkeep(database, now, writer),
  }
}

/**
 * Who may write: looked at without a lock, so that commits never wait for usage. Should the lead change right after it, a
 * last few windows of the old leader's are written: they were measured all the same.
 */
async function check(session: Session, { term, daemon }: UsageWriter): Promise<void> {
  const { rowCount } = await session.query('SELECT FROM ledger WHERE term = $1 AND daemon = $2', [
    term,
    daemon,
  ])
  if (rowCount === 0) throw new Deposed(term)
}

async function record(database: Database, blocks: readonly UsageBlock[], writer: UsageWriter): Promise<void> {
  const work = blocks.flatMap((block) => partsOf(block).map((part) => ({ block, part })))
  const rows = work.reduce((sum, { block }) => sum + block.ids.length, 0)
  await database.transaction(
    async (session) => {
      await check(session, writer)
      for (const width of usageWidths) {
        const of = work.filter(({ block }) => block.width === width)
        await addPartitions(
          session,
          width,
          of.map(({ part }) => partitionOf(width, part.chunkAt)),
        )
      }
      for (const { block, part } of work)
        for (let from = 0; from < block.ids.length; from += objectsPerWrite)
          await write(session, block, part, from, Math.min(block.ids.length, from + objectsPerWrite))
    },
    { deadlineMs: callMs + rowMs * rows },
  )
}

const columnOf = (field: UsageField): string =>
  field.replace(/[A-Z]/g, (letter) => `_${letter}`).toLowerCase()

const tableOf = (width: UsageWidth): string => `usage_${width}`

/** So many windows of which nothing is known. */
const unheard = (count: number): Buffer => Buffer.from(new Float32Array(count).fill(Number.NaN).buffer)

/** Puts a part's windows into the middle of its rows; what else the rows hold stays. */
async function write(
  session: Session,
  block: UsageBlock,
  part: Part,
  from: number,
  to: number,
): Promise<void> {
  const size = layouts[block.width].chunkMs / usageWidthMs[block.width]
  const fields = usageFields.filter((field) => block.columns[field])
  const names = fields.map(columnOf)
  const parameters = names.map((_, i) => `$${i + 6}::bytea[]`).join(', ')
  const merged = names.map(
    (name) =>
      `${name} = CASE WHEN EXCLUDED.${name} IS NULL THEN t.${name} ELSE
         overlay(coalesce(t.${name}, $3) placing substring(EXCLUDED.${name} from $4 for $5) from $4) END`,
  )
  const sql = `INSERT INTO ${tableOf(block.width)} AS t (object, at, ${names.join(', ')})
    SELECT object, $2::timestamptz, ${names
      .map(
        (name) =>
          `substring($3::bytea from 1 for $4::int - 1) || ${name} || substring($3::bytea from $4::int + $5::int)`,
      )
      .join(', ')}
    FROM unnest($1::text[], ${parameters}) AS r (object, ${names.join(', ')})
    ON CONFLICT (object, at) DO UPDATE SET ${merged.join(', ')}`
  await session.query(sql, [
    block.ids.slice(from, to),
    new Date(part.chunkAt).toISOString(),
    unheard(size),
    part.offset * bytes + 1,
    part.count * bytes,
    ...fields.map((field) => {
      const column = block.columns[field]!
      return block.ids.slice(from, to).map((_, i) => {
        const first = (from + i) * block.count + part.skip
        const values = column.subarray(first, first + part.count)
        return values.every(Number.isNaN)
          ? null
          : Buffer.from(values.buffer, values.byteOffset, values.byteLength)
      })
    }),
  ])
}

async function series(database: Database, query: UsageQuery): Promise<UsageSeries[]> {
  const all = emptySeries(query)
  const { length } = all[0] ?? { length: 0 }
  if (length === 0 || query.fields.length === 0) return all
  const objects = Math.max(1, Math.floor(valuesPerRead / (length * query.fields.length)))
  for (let from = 0; from < all.length; from += objects)
    await read(database, query, all.slice(from, from + objects))
  return all
}

async function read(database: Database, { width, fields }: UsageQuery, wanted: UsageSeries[]): Promise<void> {
  const { chunkMs } = layouts[width]
  const { fromAt, length } = wanted[0]!
  const size = chunkMs / usageWidthMs[width]
  const packed = fields.map(
    (field) => `string_agg(coalesce(${columnOf(field)}, $4), ''::bytea ORDER BY at) AS "${field}"`,
  )
  const sql = `SELECT object, string_agg(int4send((extract(epoch FROM at) / $5)::int), ''::bytea ORDER BY at) AS chunks, ${packed.join(', ')}
    FROM ${tableOf(width)} WHERE object = ANY ($1::text[]) AND at >= $2 AND at < $3 GROUP BY object`
  const { rows } = await database.run(
    (session) =>
      session.query<{ object: string; chunks: Buffer } & Record<UsageField, Buffer>>(sql, [
        wanted.map(({ id }) => id),
        new Date(Math.floor(fromAt / chunkMs) * chunkMs).toISOString(),
        new Date(fromAt + length * usageWidthMs[width]).toISOString(),
        unheard(size),
        chunkMs / 1_000,
      ]),
    callMs + rowMs * wanted.length * Math.ceil(length / size),
  )
  const found = new Map(rows.map((row) => [row.object, row]))
  for (const one of wanted) {
    const row = found.get(one.id)
    if (!row) continue
    for (const field of fields) {
      const values = floatsOf(row[field])
      for (let i = 0; i * bytes < row.chunks.length; i += 1)
        copyChunk(
          one.columns[field]!,
          one,
          row.chunks.readInt32BE(i * bytes) * chunkMs,
          values.subarray(i * size, (i + 1) * size),
        )
    }
  }
}

/** Floats need their bytes at an even place. */
function floatsOf(packed: Buffer): Float32Array {
  const aligned = packed.byteOffset % bytes === 0 ? packed : new Uint8Array(packed)
  return new Float32Array(aligned.buffer, aligned.byteOffset, packed.length / bytes)
}

async function upkeep(database: Database, now: number, writer: UsageWriter): Promise<void> {
  for (const width of usageWidths)
    await database.transaction(
      async (session) => {
        await check(session, writer)
        await addPartitions(session, width, partitionsAhead(width, now))
        await dropPartitions(session, width, now)
      },
      { deadlineMs: callMs },
    )
}

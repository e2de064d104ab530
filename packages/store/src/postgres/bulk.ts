import pg from 'pg'

export type ColumnType =
  | 'text'
  | 'int'
  | 'bigint'
  | 'double precision'
  | 'boolean'
  | 'jsonb'
  | 'timestamptz'
  | 'text[]'

/** A column of the table and the property of the row that fills it (by default of the same name). */
export interface Column<Row> {
  name: string
  type: ColumnType
  value?: (row: Row) => unknown
}

/** Anything of `pg` that runs a query: a client inside the caller's transaction, as a rule. */
export interface Queryable {
  query(text: string, values: unknown[]): Promise<{ rowCount: number | null }>
}

/** Rows in one statement: enough to be fast, few enough to bound the memory of one statement. */
const ROWS_PER_STATEMENT = 5000

/**
 * Inserts the rows, or overwrites the ones whose `key` is there already, thousands in one statement. Of several rows
 * with one key the last one counts. Undefined and null become NULL; a `timestamptz` is taken as epoch milliseconds or
 * a Date; `jsonb` is any JSON value. Table and column names are quoted. Not atomic by itself: call it in a transaction.
 */
export async function upsertRows<Row extends object>(
  client: Queryable,
  table: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  key: readonly string[] = ['id'],
): Promise<void> {
  const keyColumns = key.map((name) => {
    const column = columns.find((candidate) => candidate.name === name)
    if (!column) throw new Error(`${table} cannot be upserted by ${name}: it is not among the columns given`)
    return column
  })
  const byKey = new Map(
    rows.map((row) => [JSON.stringify(keyColumns.map((column) => String(toSql(column, row)))), row]),
  )
  const updates = columns
    .filter((column) => !key.includes(column.name))
    .map(({ name }) => pg.escapeIdentifier(name))
  const action = updates.length
    ? `DO UPDATE SET ${updates.map((name) => `${name} = EXCLUDED.${name}`).join(', ')}`
    : 'DO NOTHING'
  const conflict = `ON CONFLICT (${key.map(pg.escapeIdentifier).join(', ')}) ${action}`
  await writeRows(client, table, columns, [...byKey.values()], conflict)
}

/** Inserts the rows; a row whose key is there already is an error. For what is only ever appended to. */
export async function insertRows<Row extends object>(
  client: Queryable,
  table: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
): Promise<void> {
  await writeRows(client, table, columns, rows, '')
}

/**
 * Overwrites these columns of rows that are there, by `id`, which is one of them; the others stay as they are, and what they hold
 * is not sent. Throws when a row is not there: whoever wrote them knew of one that nobody has.
 */
export async function updateRows<Row extends object>(
  client: Queryable,
  table: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
): Promise<void> {
  const updates = columns.flatMap(({ name, type }, i) =>
    name === 'id' ? [] : [`${pg.escapeIdentifier(name)} = ${takenAs(type, i)}`],
  )
  const id = columns.findIndex(({ name }) => name === 'id')
  const sql = `UPDATE ${pg.escapeIdentifier(table)} SET ${updates.join(', ')} FROM ${unnested(columns)} WHERE id = c${id}`
  const changed = await inParts(client, sql, columns, rows)
  if (changed < rows.length)
    throw new Error(`${rows.length - changed} of ${rows.length} rows of ${table} to be changed are not there`)
}

async function writeRows<Row extends object>(
  client: Queryable,
  table: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  conflict: string,
): Promise<void> {
  const names = columns.map(({ name }) => pg.escapeIdentifier(name)).join(', ')
  const values = columns.map(({ type }, i) => takenAs(type, i)).join(', ')
  const sql = `INSERT INTO ${pg.escapeIdentifier(table)} (${names}) SELECT ${values} FROM ${unnested(columns)} ${conflict}`
  await inParts(client, sql, columns, rows)
}

/** Rows as parameters, as a table of columns c0, c1 … of the given types. */
function unnested<Row extends object>(columns: readonly Column<Row>[]): string {
  // Arrays of arrays must be even in PostgreSQL, so a list travels as text and becomes a list there.
  const arrays = columns.map(({ type }, i) => `$${i + 1}::${isList(type) ? 'text' : type}[]`).join(', ')
  return `unnest(${arrays}) AS r (${columns.map((_, i) => `c${i}`).join(', ')})`
}

const takenAs = (type: ColumnType, i: number) => (isList(type) ? `c${i}::${type}` : `c${i}`)

/** How many rows were written. */
async function inParts<Row extends object>(
  client: Queryable,
  sql: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
): Promise<number> {
  let written = 0
  for (let from = 0; from < rows.length; from += ROWS_PER_STATEMENT) {
    const chunk = rows.slice(from, from + ROWS_PER_STATEMENT)
    const { rowCount } = await client.query(
      sql,
      columns.map((column) => chunk.map((row) => toSql(column, row))),
    )
    written += rowCount ?? 0
  }
  return written
}

const isList = (type: ColumnType) => type.endsWith('[]')
const quoted = (item: string) => `"${item.replace(/["\\]/g, '\\$&')}"`

/** One value as `pg` takes it inside an array; JSON goes as text, or a JSON array would become a second dimension. */
function toSql<Row extends object>({ name, type, value }: Column<Row>, row: Row): unknown {
  const raw = value ? value(row) : (row as Record<string, unknown>)[name]
  if (raw === undefined || raw === null) return null
  if (type === 'jsonb') return JSON.stringify(raw)
  if (isList(type)) return `{${(raw as string[]).map(quoted).join(',')}}`
  if (type === 'timestamptz') return new Date(raw as number | Date).toISOString()
  return raw
}

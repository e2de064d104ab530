import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Column, insertRows, upsertRows } from './bulk'
import { withDatabase } from './testing'

interface Row {
  id: string
  name: string | null
  size: number
  count: bigint | number
  load: number
  on: boolean
  doc: unknown
  tags: string[]
  at: number | null
}

const COLUMNS: Column<Row>[] = [
  { name: 'id', type: 'text' },
  { name: 'name', type: 'text' },
  { name: 'size', type: 'bigint' },
  { name: 'count', type: 'int' },
  { name: 'load', type: 'double precision' },
  { name: 'on', type: 'boolean' },
  { name: 'doc', type: 'jsonb' },
  { name: 'tags', type: 'text[]' },
  { name: 'seen_at', type: 'timestamptz', value: (row) => row.at },
]

const ROW: Row = {
  id: 'a',
  name: `quote " brace { comma , back \\ slash ' é 🐑`,
  size: 9_007_199_254_740_991,
  count: 7,
  load: 0.25,
  on: true,
  doc: [{ list: [1, [2, 'x"y']], none: null }, 'NULL'],
  tags: ['', 'NULL', `a,b {c} "d" \\ \n 🐑`],
  at: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
}

describe('upsertRows', () => {
  const db = withDatabase({ migrationsDir: null })
  beforeAll(() =>
    db.client.query(
      `CREATE TABLE "Thing" (id text PRIMARY KEY, name text, size bigint, count int, load double precision,
         "on" boolean, doc jsonb, tags text[], seen_at timestamptz)`,
    ),
  )
  beforeEach(() => db.client.query('TRUNCATE "Thing"'))
  const all = async () => (await db.client.query('SELECT * FROM "Thing" ORDER BY id')).rows

  it('writes every type as it was given', async () => {
    await upsertRows(db.client, 'Thing', COLUMNS, [ROW])
    const { at, ...plain } = ROW
    expect(await all()).toEqual([{ ...plain, size: '9007199254740991', seen_at: new Date(at as number) }])
  })

  it('writes null as NULL, in jsonb too', async () => {
    await upsertRows(db.client, 'Thing', COLUMNS, [{ ...ROW, name: null, doc: null, at: null }])
    const { rows } = await db.client.query(
      'SELECT name IS NULL AND doc IS NULL AND seen_at IS NULL AS ok FROM "Thing"',
    )
    expect(rows).toEqual([{ ok: true }])
  })

  it('overwrites rows that are there, and the last of several with one id counts', async () => {
    await upsertRows(db.client, 'Thing', COLUMNS, [ROW, { ...ROW, id: 'b' }])
    await upsertRows(db.client, 'Thing', COLUMNS, [
      { ...ROW, id: 'b', count: 1 },
      { ...ROW, id: 'b', count: 2 },
      { ...ROW, id: 'c', count: 3 },
    ])
    expect((await all()).map(({ id, count }) => [id, count])).toEqual([
      ['a', 7],
      ['b', 2],
      ['c', 3],
    ])
  })

  it('writes more rows than one statement takes', async () => {
    const rows = Array.from({ length: 12_001 }, (_, i) => ({ ...ROW, id: `vm-${i}` }))
    await upsertRows(db.client, 'Thing', COLUMNS, rows)
    const { rows: counted } = await db.client.query('SELECT count(*)::int AS count FROM "Thing"')
    expect(counted).toEqual([{ count: 12_001 }])
  })

  it('does nothing without rows', async () => {
    await upsertRows(db.client, 'Thing', COLUMNS, [])
    expect(await all()).toEqual([])
  })

  it('insertRows refuses a key that is there already', async () => {
    await insertRows(db.client, 'Thing', COLUMNS, [ROW])
    await expect(insertRows(db.client, 'Thing', COLUMNS, [ROW])).rejects.toMatchObject({ code: '23505' })
  })
})

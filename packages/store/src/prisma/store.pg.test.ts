import { tableNames } from '@drover/model'
import { describe, expect, it } from 'vitest'
import { describeHistory, describeRoundTrip, describeStore } from '../contract'
import { Batches, putAll, sample } from '../contract/rows'
import { withDatabase } from '../postgres/testing'
import { references } from '../references'
import { columnsOf, eventColumns } from './columns'
import { storeUnderTest } from './testing'

const database = withDatabase()
const open = storeUnderTest(database)
describeStore('PostgreSQL', open)
describeHistory('PostgreSQL', open)
describeRoundTrip('PostgreSQL', open)

describe('the tables', () => {
  it.each([
    ...tableNames.map((table) => [table, columnsOf(table).map(({ name }) => name)] as const),
    ['event', eventColumns.map(({ name }) => name)] as const,
  ])('%s has the columns that are written, and no other', async (table, columns) => {
    const { rows } = await database.client.query(
      'SELECT column_name AS name FROM information_schema.columns WHERE table_name = $1',
      [table],
    )
    expect(rows.map(({ name }) => name).sort()).toEqual([...columns].sort())
  })

  it('refer to one another as the store in memory believes', async () => {
    const { rows } = await database.client.query(
      `SELECT conrelid::regclass::text AS table, attname AS column, confrelid::regclass::text AS of, condeferred AS deferred
       FROM pg_constraint JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]
       WHERE contype = 'f' AND conrelid::regclass::text = ANY ($1)`,
      [[...tableNames]],
    )
    const snake = (field: string) => field.replace('Id', '_id')
    const believed = references.map(({ table, field, of }) => ({
      table,
      column: snake(field),
      of,
      deferred: true,
    }))
    expect(rows).toHaveLength(believed.length)
    expect(rows).toEqual(expect.arrayContaining(believed))
  })
})

describe('history', () => {
  it.each([
    ['changed', `UPDATE event SET severity = 'info'`],
    ['deleted', 'DELETE FROM event WHERE seq = 1'],
    ['emptied', 'TRUNCATE event'],
  ])('cannot be %s by anybody', async (_, sql) => {
    const under = await open()
    const store = under.connect()
    await store.lead('a', 60_000)
    await store.commit(new Batches('a', 1).next(putAll(sample)))
    await expect(database.client.query(sql)).rejects.toThrow(/events are history/)
    await database.client.query('BEGIN; SET LOCAL session_replication_role = replica')
    await expect(database.client.query(sql)).rejects.toThrow(/events are history/)
    await database.client.query('ROLLBACK')
    expect(await store.events({ limit: 5 })).toHaveLength(1)
    await under.end()
  })
})

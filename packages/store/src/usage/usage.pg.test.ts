import { usageFields, usageWidthMs } from '@drover/model'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { StoreUnderTest } from '../contract'
import { Deposed, type Store, StoreAway } from '../port'
import { withDatabase } from '../postgres/testing'
import { type Line, lineTo } from '../prisma/fixtures/line'
import { prismaStore } from '../prisma/store'
import { quiet, storeUnderTest } from '../prisma/testing'
import { block, describeUsage } from './contract'

const database = withDatabase()
const open = storeUnderTest(database)
describeUsage('PostgreSQL', open)

const hour = 3_600_000
const at = Date.UTC(2026, 11, 31, 23, 50)
const writer = { term: 1, daemon: 'a' }

describe('the partitions', () => {
  let under: StoreUnderTest
  let store: Store
  beforeEach(async () => {
    under = await open()
    store = under.connect()
    await store.lead('a', 60_000)
    for (const name of await partitions()) await database.client.query(`DROP TABLE ${name}`)
  })
  afterEach(() => under.end())

  async function partitions(): Promise<string[]> {
    const { rows } = await database.client.query(
      `SELECT inhrelid::regclass::text AS name FROM pg_inherits
       WHERE inhparent = ANY ('{usage_raw,usage_5m,usage_1h}'::regclass[]) ORDER BY 1`,
    )
    return rows.map(({ name }) => name)
  }

  const recordUntil = (then: number) => {
    const values = new Array((then - at) / usageWidthMs.raw).fill(1)
    return store.usage.record([block('raw', at, { 'vm-1': values })], writer)
  }

  const nextYear = [
    'usage_1h_202612',
    'usage_1h_202701',
    'usage_1h_202702',
    'usage_5m_20261231',
    'usage_5m_20270101',
    'usage_5m_20270102',
    'usage_raw_2026123123',
    'usage_raw_2027010100',
    'usage_raw_2027010101',
  ]

  it('are made ahead, once, and by a record that comes where there is none', async () => {
    await store.usage.upkeep(at, writer)
    await store.usage.upkeep(at, writer)
    expect(await partitions()).toEqual(nextYear)
    await store.usage.record([block('raw', at + 24 * hour, { 'vm-1': [1] })], writer)
    expect(await partitions()).toEqual([...nextYear, 'usage_raw_2027010123'])
  })

  it('hold what belongs to them, and are dropped as a whole', async () => {
    await store.usage.record([block('raw', at, { 'vm-1': new Array(60).fill(1) })], writer)
    const { rows } = await database.client.query(
      'SELECT tableoid::regclass::text AS name, count(*)::int FROM usage_raw GROUP BY 1 ORDER BY 1',
    )
    expect(rows).toEqual([
      { name: 'usage_raw_2026123123', count: 2 },
      { name: 'usage_raw_2027010100', count: 2 },
    ])
    await recordUntil(at + 7 * hour)
    await store.usage.upkeep(at + 7 * hour, writer)
    expect(await partitions()).not.toContain('usage_raw_2026123123')
    expect(await partitions()).toContain('usage_raw_2027010100')
  })

  it('are made by one of many that ask at once', async () => {
    const other = under.connect()
    const asked = [store, other, store, other].map(({ usage }) => usage.upkeep(at, writer))
    await Promise.all(asked)
    expect(await partitions()).toEqual(nextYear)
  })

  it('are not dropped while somebody reads them for long: it says so, and does it the next time', async () => {
    await recordUntil(at + 8 * hour)
    await database.client.query('BEGIN')
    await database.client.query('SELECT FROM usage_raw')
    await expect(store.usage.upkeep(at + 8 * hour, writer)).rejects.toBeInstanceOf(StoreAway)
    await database.client.query('COMMIT')
    expect(await partitions()).toContain('usage_raw_2026123123')
    await store.usage.upkeep(at + 8 * hour, writer)
    expect(await partitions()).not.toContain('usage_raw_2026123123')
  })

  it('have the columns that are written, and no other', async () => {
    await store.usage.upkeep(at, writer)
    const snake = (field: string) => field.replace(/[A-Z]/g, (letter) => `_${letter}`).toLowerCase()
    for (const table of ['usage_raw', 'usage_5m', 'usage_1h', ...nextYear]) {
      const { rows } = await database.client.query(
        'SELECT column_name AS name FROM information_schema.columns WHERE table_name = $1',
        [table],
      )
      expect(rows.map(({ name }) => name).sort()).toEqual(['at', 'object', ...usageFields.map(snake)].sort())
    }
  })
})

describe('a database that goes away', () => {
  let line: Line
  let store: Store
  beforeEach(async () => {
    await (await open()).end()
    line = await lineTo(database.url)
    store = prismaStore({ url: line.url, log: quiet })
    await store.lead('a', 60_000)
  })
  afterEach(async () => {
    await store.close()
    await line.close()
  })

  const read = async () => {
    const query = {
      ids: ['vm-1'],
      width: 'raw' as const,
      fromAt: at,
      toAt: at + 40_000,
      fields: ['cpuMean'] as const,
    }
    return [...(await store.usage.series(query))[0]!.columns.cpuMean!]
  }

  it.each([
    ['before anything was written', 'INSERT INTO usage_raw', Number.NaN],
    ['before the commit', 'COMMIT', Number.NaN],
  ])('%s: the record fails as a whole, and does no harm when it is repeated', async (_, word, left) => {
    const one = [block('raw', at, { 'vm-1': [5] }), block('raw', at + 20_000, { 'vm-1': [6] })]
    line.next = { kind: 'cut-before', word }
    await expect(store.usage.record(one, writer)).rejects.toBeInstanceOf(StoreAway)
    expect(await read()).toEqual([left, left])
    await store.usage.record(one, writer)
    await store.usage.record(one, writer)
    expect(await read()).toEqual([5, 6])
  })

  it('does not keep a new leader from writing, and the old one writes no more', async () => {
    await store.resign('a', 1)
    await store.lead('b', 60_000)
    await expect(store.usage.record([block('raw', at, { 'vm-1': [5] })], writer)).rejects.toBeInstanceOf(
      Deposed,
    )
    await store.usage.record([block('raw', at, { 'vm-1': [6] })], { term: 2, daemon: 'b' })
    expect(await read()).toEqual([6, Number.NaN])
  })

  it('holds up neither commits nor the lease while usage is written', async () => {
    await database.client.query('BEGIN')
    await database.client.query('LOCK TABLE usage_raw IN ACCESS EXCLUSIVE MODE')
    const recorded = store.usage.record([block('raw', at, { 'vm-1': [5] })], writer)
    await store.lead('a', 60_000)
    await store.resign('a', 1)
    await store.lead('c', 60_000)
    await database.client.query('COMMIT')
    await recorded.catch(() => {})
  })
})

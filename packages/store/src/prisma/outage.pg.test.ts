import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Batches, put, putAll, sample } from '../contract/rows'
import type { Batch, Store } from '../port'
import { StoreAway } from '../port'
import { deployMigrations } from '../postgres/deploy'
import {
  databaseUrl,
  MIGRATIONS_DIR,
  startTestServer,
  type TestServer,
  withDatabase,
} from '../postgres/testing'
import { type Line, lineTo } from './fixtures/line'
import { prismaStore } from './store'
import { quiet, storeUnderTest } from './testing'

const noted = (notes: string) => put('vm', { ...sample.vm, notes })

/** What the writer does after an outage: asks until PostgreSQL says what was committed last. */
async function askLastBatch(store: Store, deadlineMs = 20_000): Promise<number> {
  for (const until = Date.now() + deadlineMs; ; await sleep(20)) {
    try {
      return (await store.lastBatch()).number
    } catch (error) {
      if (!(error instanceof StoreAway) || Date.now() > until) throw error
    }
  }
}

/** Fails when it takes longer. */
async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const began = performance.now()
  const value = await work
  expect(performance.now() - began).toBeLessThan(ms)
  return value
}

const outcomeOf = (commit: Promise<void>) =>
  commit.then(
    () => null,
    (error: unknown) => error as StoreAway,
  )

describe('a line that breaks in the middle of a commit', () => {
  const database = withDatabase()
  const open = storeUnderTest(database)
  let line: Line
  let store: Store
  let batches: Batches
  beforeEach(async () => {
    await (await open()).end()
    line = await lineTo(database.url)
    store = prismaStore({ url: line.url, log: quiet })
    await store.lead('a', 60_000)
    batches = new Batches('a', 1)
    await store.commit(batches.next(putAll(sample)))
  })
  afterEach(async () => {
    await store.close()
    await line.close()
  })

  it.each([
    ['at the beginning', 'BEGIN'],
    ['at the ledger', 'UPDATE ledger'],
    ['at the rows', 'INSERT INTO "vm"'],
  ])('%s: nothing happened, and that is known', async (_, word) => {
    line.next = { kind: 'cut-before', word }
    const error = await outcomeOf(store.commit(batches.next([noted('new')], [{}], true)))
    expect(error).toBeInstanceOf(StoreAway)
    expect(error?.unknownOutcome).toBe(false)
    expect(await askLastBatch(store)).toBe(1)
    await store.commit(batches.next([noted('again')]))
    expect((await store.load()).tables.vm[0]?.notes).toBe('again')
  })

  it.each([
    ['before COMMIT arrives', { kind: 'cut-before', word: 'COMMIT' } as const, 1],
    ['after COMMIT has arrived', { kind: 'lose-answer', word: 'COMMIT' } as const, 2],
    [
      'while COMMIT is still on its way',
      { kind: 'cut-then-deliver', word: 'COMMIT', afterMs: 1_000 } as const,
      2,
    ],
  ])('%s: the outcome is unknown until lastBatch says it', async (_, fate, last) => {
    line.next = fate
    const error = await outcomeOf(store.commit(batches.next([noted('new')], [{}], true)))
    expect(error).toBeInstanceOf(StoreAway)
    expect(error?.unknownOutcome).toBe(true)
    expect(await askLastBatch(store)).toBe(last)
    const { tables, counters } = await store.load()
    expect(counters.batch).toBe(last)
    expect(tables.vm[0]?.notes).toBe(last === 2 ? 'new' : sample.vm.notes)
  })

  it('a take-over waits for a commit that is still on its way, and then has it', async () => {
    await store.lead('a', 50)
    line.next = { kind: 'cut-then-deliver', word: 'COMMIT', afterMs: 1_000 }
    const error = await outcomeOf(store.commit(batches.next([noted('last words')], [{}], true)))
    expect(error?.unknownOutcome).toBe(true)
    const heir = prismaStore({ url: database.url, log: quiet })
    while ((await heir.lead('b', 60_000)) === null) await sleep(5)
    const { tables, counters } = await heir.load()
    expect(counters.batch).toBe(2)
    expect(tables.vm[0]?.notes).toBe('last words')
    expect(await store.lastBatch()).toEqual({ number: 2, term: 2 })
    await heir.close()
  })

  it('a commit that hangs keeps nobody from renewing the lease, and lets nobody wait for long', async () => {
    const other = database.client
    await other.query('BEGIN')
    await other.query('UPDATE ledger SET batch = batch')
    const asked = Date.now()
    await expect(store.lastBatch()).rejects.toThrow(StoreAway)
    await expect(store.lead('a', 60_000)).resolves.toMatchObject({ term: 1 })
    expect(Date.now() - asked).toBeLessThan(4_500)
    await other.query('ROLLBACK')
  })
})

describe('PostgreSQL', () => {
  let server: TestServer
  let store: Store
  let batches: Batches
  beforeAll(async () => {
    server = await startTestServer()
    const url = databaseUrl(server.url, 'drover')
    await deployMigrations(url, MIGRATIONS_DIR)
    store = prismaStore({ url, log: quiet })
    await store.lead('a', 600_000)
    batches = new Batches('a', 1)
    await store.commit(batches.next(putAll(sample)))
  })
  // A frozen server would not stop.
  afterEach(() => server.thaw())
  afterAll(async () => {
    await store.close()
    await server.remove()
  })

  /** Commits until it fails; settles the last one as the writer does. */
  async function commitUntilAway(): Promise<{ tried: Batch; error: StoreAway }> {
    for (;;) {
      const tried = batches.next([noted(`batch ${batches.counters.batch + 1}`)], [{}, {}], true)
      const error = await outcomeOf(store.commit(tried))
      if (error) return { tried, error }
      batches.counters = tried.counters
    }
  }

  /** Whether what was tried happened, as PostgreSQL says; holds everything it has against it. */
  async function settle({ tried, error }: { tried: Batch; error: StoreAway }): Promise<boolean> {
    expect(error).toBeInstanceOf(StoreAway)
    const happened = (await askLastBatch(store)) === tried.number
    if (!error.unknownOutcome) expect(happened).toBe(false)
    if (happened) batches.counters = tried.counters
    const { tables, counters } = await store.load()
    expect(counters).toEqual(batches.counters)
    if (counters.batch > 1) expect(tables.vm[0]?.notes).toBe(`batch ${counters.batch}`)
    const [newest] = await store.events({ limit: 1 })
    expect(newest?.seq).toBe(counters.seq)
    return happened
  }

  it('killed in the middle of commits: everything answered is there, the rest is settled by lastBatch', async () => {
    for (let round = 0; round < 6; round += 1) {
      const before = batches.counters.batch
      const trying = commitUntilAway()
      await sleep(100 + round * 7)
      await server.crash()
      const outcome = await trying
      await server.restart()
      await settle(outcome)
      expect(batches.counters.batch).toBeGreaterThan(before)
    }
    expect(await store.lead('a', 600_000)).toMatchObject({ term: 1 })
  }, 60_000)

  it('frozen in the middle of commits: noticed within three seconds, settled after the thaw', async () => {
    const trying = commitUntilAway()
    await sleep(100)
    server.freeze()
    const outcome = await within(4_000, trying)
    await within(4_000, expect(store.lead('a', 600_000)).rejects.toThrow(StoreAway))
    await within(4_000, expect(store.events({ limit: 1 })).rejects.toThrow(StoreAway))
    await within(4_000, expect(store.load()).rejects.toThrow(StoreAway))
    server.thaw()
    await settle(outcome)
    await store.commit(batches.next([noted('thawed')]))
    expect((await store.load()).tables.vm[0]?.notes).toBe('thawed')
  }, 60_000)

  it('stopped and started: refuses without doubt meanwhile, goes on by itself afterwards', async () => {
    await server.stop()
    const error = await outcomeOf(store.commit(batches.next([noted('away')], [{}], true)))
    expect(error).toBeInstanceOf(StoreAway)
    expect(error?.unknownOutcome).toBe(false)
    await server.restart()
    await askLastBatch(store)
    await store.commit(batches.next([noted('back')]))
    expect((await store.load()).tables.vm[0]?.notes).toBe('back')
  })
})

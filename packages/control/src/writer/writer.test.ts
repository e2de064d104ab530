import { decideCreateDatacenter, decideRenameDatacenter } from '@drover/engine'
import { emptyWorld, patched, type TableName, tableNames } from '@drover/model'
import { type Batch, MemoryStore } from '@drover/store'
import { describe, expect, it } from 'vitest'
import { settled, TestClock } from '../testing/clock'
import { ada, daemon, estate, stage } from '../testing/daemon'
import { Writer } from './writer'

const named = (name: string) => (w: Parameters<typeof decideCreateDatacenter>[0], c: never) =>
  decideCreateDatacenter(w, { name }, c)

class CountingStore extends MemoryStore {
  batches: Batch[] = []
  override async commit(batch: Batch): Promise<void> {
    await super.commit(batch)
    this.batches.push(batch)
  }
}

async function bench() {
  const clock = new TestClock()
  const store = new CountingStore(clock)
  const lease = await store.lead('control-1', 5_000)
  const world = emptyWorld()
  const seen = { deposed: 0, committed: 0 }
  const writer = new Writer({
    world,
    counters: (await store.load()).counters,
    term: lease!.term,
    daemon: 'control-1',
    clock,
    store,
    random: { uuid: () => '', hex: () => '' },
    log: { info: () => {}, warn: () => {}, error: () => {} },
    onCommitted: () => {
      seen.committed += 1
    },
    onHealth: () => {},
    onDeposed: () => {
      seen.deposed += 1
    },
  })
  return { clock, store, world, writer, seen }
}

describe('group commit', () => {
  it('puts what is proposed together into one transaction, each decision seeing the ones before it', async () => {
    const { store, writer, world } = await bench()
    const answers = await Promise.all([
      writer.propose(ada, named('north') as never),
      writer.propose(ada, named('north') as never),
      writer.propose(ada, named('south') as never),
    ])
    expect(answers.map(({ ok }) => ok)).toEqual([true, false, true])
    expect(answers[1]).toMatchObject({ refusals: [{ code: 'name_taken', name: 'north' }] })
    expect(store.batches).toHaveLength(1)
    expect(store.batches[0]!.events.map(({ seq }) => seq)).toEqual([1, 2])
    expect([...world.tables.datacenter.keys()]).toEqual(['datacenter-1', 'datacenter-2'])
  })

  it('has the fields written that change, all of them of what is new, also for what is both', async () => {
    const { store, writer } = await bench()
    const rename = (name: string) =>
      writer.propose(ada, (world, ctx) =>
        decideRenameDatacenter(world, { datacenterId: 'datacenter-1', name }, ctx),
      )
    await Promise.all([writer.propose(ada, named('north') as never), rename('west')])
    await Promise.all([rename('south'), rename('east')])
    expect(store.batches.map(({ rows }) => rows.map(({ fields }) => fields ?? 'all'))).toEqual([
      ['all'],
      [['name']],
    ])
    expect((await store.load()).tables.datacenter).toMatchObject([{ name: 'east' }])
  })

  it('shows nobody what is not committed yet, and commits one batch at a time', async () => {
    const { store, clock, writer, world } = await bench()
    store.latencyMs = 50
    const first = writer.propose(ada, named('north') as never)
    await settled()
    expect(world.tables.datacenter.size).toBe(0)
    const second = writer.propose(ada, named('south') as never)
    await clock.pass(50)
    expect(await first).toMatchObject({ ok: true, seq: 1 })
    expect(world.tables.datacenter.size).toBe(1)
    await clock.pass(50)
    expect(await second).toMatchObject({ ok: true, seq: 2 })
    expect(store.batches.map(({ number }) => number)).toEqual([1, 2])
  })

  it('gives one that throws its own error, and the others their commit', async () => {
    const { writer, world } = await bench()
    const bad = writer.propose(ada, () => {
      throw new Error('a bug')
    })
    const good = writer.propose(ada, named('north') as never)
    await expect(bad).rejects.toThrow('a bug')
    expect((await good).ok).toBe(true)
    expect(world.tables.datacenter.get('datacenter-1')?.name).toBe('north')
  })

  it('keeps text that the database cannot hold from spoiling the batch of others', async () => {
    const { writer, store } = await bench()
    const bad = writer.propose(ada, named('nor\u0000th') as never)
    const good = writer.propose(ada, named('south') as never)
    await expect(bad).rejects.toThrow('cannot be stored')
    expect((await good).ok).toBe(true)
    expect(store.batches[0]!.events).toHaveLength(1)
  })

  it('commits the others alone when the store refuses one of a batch', async () => {
    const { writer, store } = await bench()
    const commit = store.commit.bind(store)
    store.commit = async (batch) => {
      if (batch.events.some(({ body }) => 'datacenter' in body && body.datacenter.name === 'bad'))
        throw new Error('a constraint')
      await commit(batch)
    }
    const all = await Promise.allSettled(
      ['north', 'bad', 'south'].map((name) => writer.propose(ada, named(name) as never)),
    )
    expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(store.batches.map(({ counters }) => counters.seq)).toEqual([1, 2])
  })
})

describe('a database that is away', () => {
  it('refuses with since when, and takes up work again by itself', async () => {
    const { store, clock, writer, world } = await bench()
    store.away = true
    const since = clock.now()
    const refused = { ok: false, refusals: [{ code: 'database_away', sinceAt: since }] }
    expect(await writer.propose(ada, named('north') as never)).toEqual(refused)
    await clock.pass(10_000)
    expect(await writer.propose(ada, named('north') as never)).toEqual(refused)
    store.away = false
    await clock.pass(1_000)
    expect(writer.awaySince).toBeNull()
    expect((await writer.propose(ada, named('north') as never)).ok).toBe(true)
    expect(world.tables.datacenter.size).toBe(1)
  })

  it.each([
    ['done-unanswered', true],
    ['lost', false],
  ] as const)(
    'finds out what became of a commit that was %s before it answers anyone',
    async (fault, done) => {
      const { store, clock, writer, world } = await bench()
      store.commitFault = fault
      let answer: unknown
      void writer.propose(ada, named('north') as never).then((said) => {
        answer = said
      })
      await settled()
      expect(answer).toBeUndefined()
      expect(await writer.propose(ada, named('south') as never)).toMatchObject({ ok: false })
      await clock.pass(1_000)
      expect(answer).toMatchObject({ ok: done })
      expect(world.tables.datacenter.size).toBe(done ? 1 : 0)
      expect((await writer.propose(ada, named('south') as never)).ok).toBe(true)
      expect((await store.events({ ascending: true, limit: 9 })).map(({ seq }) => seq)).toEqual(
        done ? [1, 2] : [1],
      )
    },
  )
})

describe('a deposed leader', () => {
  it('writes nothing, answers everybody, and stops for good', async () => {
    const { store, clock, writer, world, seen } = await bench()
    clock.jump(6_000)
    await store.lead('control-2', 5_000)
    const answers = await Promise.all([
      writer.propose(ada, named('north') as never),
      writer.propose(ada, named('south') as never),
    ])
    expect(answers).toEqual(Array(2).fill({ ok: false, refusals: [{ code: 'not_leading' }] }))
    expect(seen.deposed).toBe(1)
    expect(world.tables.datacenter.size).toBe(0)
    expect(await store.events({ limit: 9 })).toEqual([])
    expect(await writer.propose(ada, named('north') as never)).toMatchObject({ ok: false })
  })

  it('learns it also from a commit whose answer was lost', async () => {
    const { store, clock, writer, seen } = await bench()
    store.commitFault = 'lost'
    const answer = writer.propose(ada, named('north') as never)
    await settled()
    clock.jump(6_000)
    await store.lead('control-2', 5_000)
    await clock.pass(1_000)
    expect(await answer).toMatchObject({ ok: false, refusals: [{ code: 'not_leading' }] })
    expect(seen.deposed).toBe(1)
  })
})

describe('history', () => {
  it('keeps why something was asked for, and its chain holds the reason too', async () => {
    const { control, store } = await estate(0)
    await control.propose(ada, named('south') as never, 'a second site')
    await control.propose(ada, named('east') as never)
    const told = await control.events({ kinds: ['datacenter.created'], ascending: true, limit: 9 })
    expect(told.map(({ reason }) => reason)).toEqual([null, 'a second site', null])
    expect(await control.events({ text: 'second SITE', limit: 9 })).toHaveLength(1)
    expect(await control.verifyHistory()).toMatchObject({ ok: true })

    const original = store.events.bind(store)
    store.events = async (query) =>
      (await original(query)).map((event) => (event.reason ? { ...event, reason: 'another' } : event))
    expect(await control.verifyHistory()).toMatchObject({ ok: false, brokenAtSeq: told[1]!.seq })
  })

  it('replayed gives the rows, and its chain shows what was changed', async () => {
    const { control, store } = await estate(3)
    const events = await store.events({ ascending: true, limit: 10_000 })
    const rows = new Map<string, object>()
    for (const event of events)
      for (const { table, id, ...changed } of event.rows) {
        const row = patched(rows.get(`${table} ${id}`), changed)
        if (row) rows.set(`${table} ${id}`, row)
        else rows.delete(`${table} ${id}`)
      }
    const { tables } = await store.load()
    const kept = tableNames.flatMap((table: TableName) =>
      tables[table].map((row) => [`${table} ${row.id}`, row] as const),
    )
    expect(kept.length).toBeGreaterThan(10)
    expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(kept))
    expect(await control.verifyHistory()).toMatchObject({ ok: true, events: events.length })

    const original = store.events.bind(store)
    store.events = async (query) =>
      (await original(query)).map((event) => (event.seq === 3 ? { ...event, at: event.at + 1 } : event))
    expect(await control.verifyHistory()).toMatchObject({ ok: false, brokenAtSeq: 3 })
    store.events = async (query) => (await original(query)).filter((event) => event.seq !== 4)
    expect(await control.verifyHistory()).toMatchObject({
      ok: false,
      brokenAtSeq: 4,
      why: expect.stringContaining('missing'),
    })
  })
})

describe('leading', () => {
  it('is taken over within 10 s of silence, with everything that was committed', async () => {
    const on = stage()
    const first = await estate(1, daemon(on, 'control-1'))
    const second = daemon(on, 'control-2')
    await second.control.start()
    expect(second.control.health().leading).toBe(false)
    expect(await second.control.propose(ada, named('x') as never)).toMatchObject({
      refusals: [{ code: 'not_leading' }],
    })
    // As if killed: it renews no more, and nobody gives the lease up.
    on.store.lead = (
      (lead) => async (who: string, ms: number) =>
        who === 'control-1' ? new Promise(() => {}) : lead(who, ms)
    )(on.store.lead.bind(on.store)) as never
    await on.clock.pass(10_000)
    expect(second.control.health()).toMatchObject({ leading: true, term: 2 })
    expect([...second.control.world.tables.vm.values()].map(({ name }) => name)).toEqual(['web-1'])
    // The one that was only slow cannot write any more, and knows it as soon as it tries.
    expect(await first.control.propose(ada, named('late') as never)).toMatchObject({ ok: false })
    expect(first.control.health().leading).toBe(false)
    expect(first.agents[0]!.closedBecause).toMatch(/another control daemon leads/)
  })

  it('is given up at a stop, so that nobody waits', async () => {
    const on = stage()
    const first = daemon(on, 'control-1')
    const second = daemon(on, 'control-2')
    await first.control.start()
    await second.control.start()
    await first.control.stop()
    await on.clock.pass(1_600)
    expect(second.control.health().leading).toBe(true)
  })
})

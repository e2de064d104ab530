import { type TableName, type Tables, tableNames } from '@drover/model'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { recentDecisions } from '../memory/memory'
import { type Batch, Deposed, type Store } from '../port'
import { Batches, drop, ended, put, putAll, sample, sparse, startAt } from './rows'

/** A database, and what a test may do to it. */
export interface StoreUnderTest {
  /** A daemon's own connection to it. */
  connect(): Store
  /** Lets a lease of `leaseMs` run out; resolves once it has. */
  runOut(leaseMs: number): Promise<void>
  /** Empty again, all connections closed. */
  end(): Promise<void>
}

const leaseMs = 60_000

/** What every `Store` must do; the writer relies on all of it. */
export function describeStore(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`${name} as a Store`, () => {
    let under: StoreUnderTest
    let store: Store
    beforeEach(async () => {
      under = await open()
      store = under.connect()
    })
    afterEach(() => under.end())

    /** Leads, with a first batch of the sample rows. */
    const begin = async (rows: Batch['rows'] = putAll(sample)): Promise<Batches> => {
      const won = await store.lead('a', leaseMs)
      const batches = new Batches('a', won?.term ?? 0)
      await store.commit(batches.next(rows))
      return batches
    }

    describe('leading', () => {
      it('gives a free lease, renews it for its holder, refuses everybody else', async () => {
        const other = under.connect()
        const won = await store.lead('a', leaseMs)
        expect(won).toMatchObject({ term: 1, holder: 'a' })
        expect(won?.remainingMs).toBeGreaterThan(leaseMs - 5_000)
        expect(won?.remainingMs).toBeLessThanOrEqual(leaseMs)
        expect(await other.lead('b', leaseMs)).toBeNull()
        expect(await store.lead('a', leaseMs)).toMatchObject({ term: 1 })
      })

      it('gives a lease that has run out to whoever asks, in a new term', async () => {
        await store.lead('a', 50)
        await under.runOut(50)
        expect(await under.connect().lead('b', leaseMs)).toMatchObject({ term: 2, holder: 'b' })
        expect(await store.lead('a', leaseMs)).toBeNull()
      })

      it('lets one of many win that ask at once', async () => {
        const daemons = ['a', 'b', 'c', 'd', 'e']
        const answers = await Promise.all(daemons.map((daemon) => under.connect().lead(daemon, leaseMs)))
        const winners = answers.filter((answer) => answer !== null)
        expect(winners).toHaveLength(1)
        expect(winners[0]?.term).toBe(1)
      })

      it('is free at once when its holder resigns, and only then', async () => {
        await store.lead('a', leaseMs)
        await store.resign('b', 1)
        await store.resign('a', 7)
        expect(await store.lead('b', leaseMs)).toBeNull()
        await store.resign('a', 1)
        expect(await store.lead('b', leaseMs)).toMatchObject({ term: 2, holder: 'b' })
      })
    })

    describe('committing', () => {
      it('begins with nothing', async () => {
        const { tables, counters } = await store.load()
        expect(tables).toEqual(Object.fromEntries(tableNames.map((table) => [table, []])))
        expect(counters).toEqual({ seq: 0, hash: '0'.repeat(64), batch: 0, nextIds: {} })
        expect(await store.lastBatch()).toEqual({ number: 0, term: 0 })
      })

      it.each([
        ['full', sample],
        ['sparse', { ...sample, ...sparse }],
      ])('gives %s rows and counters back as they were', async (_, rows) => {
        const batches = await begin(putAll(rows))
        const { tables, counters } = await under.connect().load()
        expect(tables).toStrictEqual(
          Object.fromEntries(tableNames.map((table) => [table, [rows[table]]])) as never,
        )
        expect(counters).toStrictEqual(batches.counters)
        expect(await store.lastBatch()).toEqual({ number: 1, term: 1 })
      })

      it('replaces and deletes rows', async () => {
        const batches = await begin()
        await store.commit(
          batches.next([...putAll(sparse), drop('definition', 'vm-1'), drop('network', 'network-9')]),
        )
        const { tables } = await store.load()
        for (const [table, row] of Object.entries(sparse)) expect(tables[table as TableName]).toEqual([row])
        expect(tables.definition).toEqual([])
        expect(tables.network).toEqual([sample.network])
      })

      it('writes of a row that is there the fields that are others, and nothing else', async () => {
        const batches = await begin()
        const { automation: _, ...vm } = sample.vm
        const changed = put('vm', { ...vm, notes: 'new', tags: ['a', 'b'], name: 'no matter' })
        const task = put('task', { ...sample.task, outcome: null, reason: 'no matter' })
        const rows = [
          { ...changed, fields: ['notes', 'tags', 'automation'] },
          { ...task, fields: ['outcome'] },
          put('network', { ...sample.network, name: 'all of it' }),
        ]
        await store.commit(batches.next(rows))
        const { tables } = await store.load()
        expect(tables.vm).toStrictEqual([{ ...vm, notes: 'new', tags: ['a', 'b'] }])
        expect(tables.task).toStrictEqual([{ ...sample.task, outcome: null }])
        expect(tables.network).toMatchObject([{ name: 'all of it' }])
        const gone = { ...put('vm', { ...sample.vm, id: 'vm-9', uuid: 'another' }), fields: ['notes'] }
        await expect(store.commit(batches.next([gone, drop('network', 'network-1')]))).rejects.toThrow(
          /not there/,
        )
        expect((await store.load()).tables.network).toHaveLength(1)
      })

      it('commits events without rows, and rows in any order', async () => {
        const batches = await begin(putAll(sample).reverse())
        await store.commit(batches.next([], [{}, {}, {}]))
        expect(await store.events({ limit: 10 })).toHaveLength(4)
        await store.commit(batches.next(tableNames.map((table) => drop(table, sample[table].id))))
        expect((await store.load()).tables.datacenter).toEqual([])
      })

      it('writes ten thousand rows at once', async () => {
        const rows = Array.from({ length: 10_000 }, (_, i) =>
          put('vm', { ...sample.vm, id: `vm-${i + 1}`, uuid: `uuid-${i}`, notes: `n${i}` }),
        )
        const batches = await begin([...putAll(sample).filter(({ table }) => table !== 'vm'), ...rows])
        await store.commit(
          batches.next(rows.map(({ id, row }) => put('vm', { ...(row as Tables['vm']), notes: id }))),
        )
        const { tables } = await store.load()
        expect(tables.vm).toHaveLength(10_000)
        expect(tables.vm.every((vm) => vm.notes === vm.id)).toBe(true)
      })

      it('lets nobody write who has been taken over, and keeps nothing of what he tried', async () => {
        await store.lead('a', 50)
        const old = new Batches('a', 1)
        await store.commit(old.next(putAll(sample)))
        await under.runOut(50)
        const heir = under.connect()
        await heir.lead('b', leaseMs)
        expect(await heir.lastBatch()).toEqual({ number: 1, term: 2 })
        await expect(store.commit(old.next([drop('token', 'token-1')], [{}], true))).rejects.toThrow(Deposed)
        const fresh = new Batches('b', 2, (await heir.load()).counters)
        await heir.commit(fresh.next([]))
        await expect(store.commit(old.next([drop('token', 'token-1')]))).rejects.toThrow(Deposed)
        const { tables, counters } = await heir.load()
        expect(tables.token).toEqual([sample.token])
        expect(counters).toEqual(fresh.counters)
        expect(await heir.events({ limit: 10 })).toHaveLength(2)
      })

      it('refuses a batch after resigning, in another name, of another term, and out of turn', async () => {
        const batches = await begin()
        const next = batches.next([], [{}], true)
        for (const wrong of [{ daemon: 'b' }, { term: 2 }, { number: 1 }, { number: 3 }])
          await expect(store.commit({ ...next, ...wrong })).rejects.toThrow(Deposed)
        await store.commit(next)
        await expect(store.commit(next)).rejects.toThrow(Deposed)
        await store.resign('a', 1)
        batches.counters = next.counters
        await expect(store.commit(batches.next([]))).rejects.toThrow(Deposed)
        expect(await store.lastBatch()).toEqual({ number: 2, term: 1 })
      })

      it('does not share what it keeps with whoever wrote or read it', async () => {
        const vm = structuredClone(sample.vm)
        await begin([...putAll(sample), put('vm', vm)])
        vm.tags.push('later')
        const first = await store.load()
        first.tables.vm[0]?.tags.push('later still')
        expect((await store.load()).tables.vm).toEqual([sample.vm])
      })
    })

    describe('constraints', () => {
      const refused = async (batches: Batches, rows: Batch['rows']) => {
        const before = await store.load()
        const answer = store.commit(batches.next(rows, [{}], true))
        await expect(answer).rejects.toThrow(/constraint/)
        await expect(answer).rejects.not.toBeInstanceOf(Deposed)
        expect(await store.load()).toEqual(before)
      }
      const second: Tables['task'] = { ...sample.task, id: 'task-2', state: 'queued' }

      it('one open task per VM', async () => {
        const batches = await begin()
        await refused(batches, [put('task', second)])
        await store.commit(batches.next([put('task', second), put('task', ended(1))]))
        await store.commit(batches.next([put('task', { ...second, id: 'task-3', vmId: null })]))
        await store.commit(batches.next([put('task', { ...second, id: 'task-4', vmId: null })]))
        await refused(batches, [put('task', { ...sample.task, state: 'cancelling' })])
      })

      it('one VM per uuid', async () => {
        const batches = await begin()
        const twin = { ...sample.vm, id: 'vm-2' } as const
        await refused(batches, [put('vm', twin)])
        await store.commit(batches.next([put('vm', twin), drop('vm', 'vm-1'), drop('definition', 'vm-1')]))
        expect((await store.load()).tables.vm).toEqual([twin])
      })

      it('a refused batch leaves nothing that refuses the next', async () => {
        const batches = await begin()
        const vm = { ...sample.vm, id: 'vm-2', uuid: 'other' } as const
        await refused(batches, [put('vm', vm), put('task', second)])
        await store.commit(batches.next([put('vm', { ...vm, id: 'vm-3' })]))
        expect((await store.load()).tables.vm).toHaveLength(2)
      })

      it('no row without what it refers to', async () => {
        const batches = await begin()
        await refused(batches, [drop('host', 'host-1')])
        await refused(batches, [drop('datacenter', 'datacenter-1')])
        await refused(batches, [put('vm', { ...sample.vm, hostId: 'host-9' })])
        await refused(batches, [put('definition', { ...sample.definition, id: 'vm-9' })])
        await refused(batches, [put('cluster', { ...sample.cluster, datacenterId: 'datacenter-9' })])
      })
    })

    describe('incidents and alarms of the past', () => {
      it('loads every open one and the newest of the others', async () => {
        const { incident, alarm } = sample
        const open = [
          put('incident', { ...incident, id: 'incident-900' }),
          put('alarm', { ...alarm, id: 'alarm-900' }),
        ]
        const old = Array.from({ length: 220 }, (_, i) => [
          put('incident', {
            ...incident,
            id: `incident-${i + 1}`,
            state: 'closed',
            openedAt: startAt + i,
            closedAt: startAt + i,
          }),
          put('alarm', { ...alarm, id: `alarm-${i + 1}`, raisedAt: startAt + i, clearedAt: startAt + i }),
        ])
        await begin([...open, ...old.flat()])
        const { tables } = await store.load()
        const kept = [...Array.from({ length: 200 }, (_, i) => i + 21), 900]
        const numbers = (rows: { id: string }[]) =>
          rows.map(({ id }) => Number(id.slice(id.indexOf('-') + 1))).sort((a, b) => a - b)
        expect(numbers(tables.incident)).toEqual(kept)
        expect(numbers(tables.alarm)).toEqual(kept)
      })

      it('finds incidents by host, cluster and time, newest first', async () => {
        const { incident } = sample
        const other = { id: 'host-2', name: 'esx-02' } as const
        await begin([
          put('incident', incident),
          put('incident', { ...incident, id: 'incident-2', openedAt: startAt + 1, host: other }),
          put('incident', {
            ...incident,
            id: 'incident-10',
            openedAt: startAt + 1,
            clusterId: 'cluster-2',
            host: null,
          }),
        ])
        const find = async (query: Omit<Parameters<Store['incidents']>[0], 'limit'>) =>
          (await store.incidents({ limit: 10, ...query })).map(({ id }) => id)
        expect(await find({})).toEqual(['incident-10', 'incident-2', 'incident-1'])
        expect(await find({ hostId: 'host-2' })).toEqual(['incident-2'])
        expect(await find({ clusterId: 'cluster-2' })).toEqual(['incident-10'])
        expect(await find({ incidentId: 'incident-1' })).toEqual(['incident-1'])
        expect(await find({ beforeAt: startAt + 1 })).toEqual(['incident-1'])
        expect((await store.incidents({ limit: 1, incidentId: 'incident-1' }))[0]).toStrictEqual(incident)
      })
    })

    describe('decisions of the past', () => {
      it('finds them by cluster, state and time, newest first; what one was made from comes with it alone', async () => {
        const { decision } = sample
        const old = { ...decision, id: 'decision-2', at: startAt + 1, state: 'done' } as const
        const other = { ...decision, id: 'decision-10', at: startAt + 1, clusterId: 'cluster-2' } as const
        await begin([put('decision', decision), put('decision', old), put('decision', other)])
        const find = async (query: Omit<Parameters<Store['decisions']>[0], 'limit'>) =>
          (await store.decisions({ limit: 10, ...query })).map(({ id }) => id)
        expect(await find({})).toEqual(['decision-10', 'decision-2', 'decision-1'])
        expect(await find({ clusterId: 'cluster-1' })).toEqual(['decision-2', 'decision-1'])
        expect(await find({ open: true })).toEqual(['decision-10', 'decision-1'])
        expect(await find({ beforeAt: startAt + 1 })).toEqual(['decision-1'])
        // A page ends with a moment, as the next one begins before it: no row falls between.
        const page = await store.decisions({ limit: 1 })
        expect(page.map(({ id }) => id)).toEqual(['decision-10', 'decision-2'])
        expect((await store.decisions({ limit: 1, decisionId: 'decision-1' }))[0]).toStrictEqual(decision)
        expect(await store.decisions({ limit: 1, beforeAt: startAt + 1 })).toStrictEqual([
          { ...decision, inputs: '' },
        ])
      })
    })

    describe('decisions that rules still count', () => {
      it('come with the world, however many there are; of the older ones the newest', async () => {
        const { decision, cluster, threshold } = sample
        const hour = 3_600_000
        const over = (n: number, at: number, clusterId = decision.clusterId) =>
          put('decision', {
            ...decision,
            id: `decision-${n}`,
            state: 'done',
            at,
            endedAt: at,
            clusterId,
          } as const)
        const now = startAt + 100 * hour
        const patient = {
          ...cluster,
          id: 'cluster-9',
          balance: { ...cluster.balance!, cooldownMs: 9 * hour },
        }
        await begin([
          ...putAll({ ...sample, threshold: { ...threshold, cooldownMs: 2 * hour } }),
          put('cluster', { ...patient, name: 'patient' } as typeof cluster),
          ...Array.from({ length: recentDecisions + 20 }, (_, i) => over(i + 2, now - i)),
          ...Array.from({ length: recentDecisions }, (_, i) => over(1_000 + i, now - 20 * hour - i)),
          over(200, now - 1.9 * hour),
          over(201, now - 2.1 * hour),
          over(202, now - 8 * hour, 'cluster-9'),
          over(203, now - 10 * hour, 'cluster-9'),
          over(204, now - 1.1 * hour, 'cluster-7'),
        ])
        const { tables } = await store.load()
        const ids = tables.decision.map(({ id }) => Number(id.slice(9))).sort((a, b) => a - b)
        expect(ids).toHaveLength(1 + recentDecisions + 20 + 2 + recentDecisions)
        expect(ids.at(-1)).toBe(1_000 + recentDecisions - 4)
      })
    })

    describe('tasks of the past', () => {
      it('loads every open task and the newest of the ended', async () => {
        const open = Array.from({ length: 3 }, (_, i) =>
          put('task', { ...sample.task, id: `task-${900 + i}`, vmId: `vm-${i}`, createdAt: startAt - i }),
        )
        const old = Array.from({ length: 250 }, (_, i) => put('task', ended(i + 1)))
        await begin([...open, ...old])
        const ids = (await store.load()).tables.task.map(({ id }) => Number(id.slice(5)))
        expect(ids.sort((a, b) => a - b)).toEqual([
          ...Array.from({ length: 200 }, (_, i) => i + 51),
          ...[900, 901, 902],
        ])
      })

      it('finds ended tasks by VM, host, cluster and time, newest first, page by page', async () => {
        const tasks = [
          ended(1),
          ended(2, { vmId: 'vm-2', hostIds: ['host-3'] }),
          ended(3, { clusterId: 'cluster-2', hostIds: [], vmId: null }),
          ended(10, { createdAt: startAt + 9, state: 'failed' }),
          ended(9, { createdAt: startAt + 9, state: 'cancelled' }),
        ]
        await begin([
          put('task', { ...sample.task, id: 'task-50' }),
          ...tasks.map((task) => put('task', task)),
        ])
        const find = async (query: Parameters<Store['tasks']>[0]) =>
          (await store.tasks(query)).map(({ id }) => Number(id.slice(5)))
        expect(await find({ limit: 10 })).toEqual([10, 9, 3, 2, 1])
        expect(await find({ limit: 1 })).toEqual([10, 9])
        expect(await find({ limit: 2 })).toEqual([10, 9])
        expect(await find({ limit: 10, beforeAt: startAt + 3 })).toEqual([2, 1])
        expect(await find({ limit: 10, vmId: 'vm-2' })).toEqual([2])
        expect(await find({ limit: 10, hostId: 'host-2' })).toEqual([10, 9, 1])
        expect(await find({ limit: 10, clusterId: 'cluster-2' })).toEqual([3])
        expect((await store.tasks({ limit: 10, vmId: 'vm-2' }))[0]).toStrictEqual(tasks[1])
      })
    })
  })
}

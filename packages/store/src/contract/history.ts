import type { Event } from '@drover/model'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { EventQuery, Store } from '../port'
import type { StoreUnderTest } from './contract'
import { anna, Batches, type Said, startAt } from './rows'

const web = { id: 'vm-1', name: 'Web_1 100%' } as const
const db = { id: 'vm-2', name: 'DB-2' } as const
const host = { id: 'host-1', name: 'esx-01' } as const
const task = { id: 'task-1', name: 'migrate DB-2' } as const

const said: Said[] = [
  { body: { kind: 'vm.created', vm: web, host }, subjects: ['host-1', 'vm-1'], initiator: anna },
  { body: { kind: 'vm.created', vm: db, host }, subjects: ['host-1', 'vm-2'], initiator: anna },
  {
    body: {
      kind: 'vm.power',
      vm: web,
      host,
      from: 'running',
      to: 'crashed',
      outside: true,
      why: 'ÆTHER is lost',
    },
    subjects: ['host-1', 'vm-1'],
    initiator: { kind: 'outside' },
    severity: 'error',
  },
  { body: { kind: 'task.waiting', task }, subjects: ['task-1', 'vm-2'], taskId: 'task-1' },
  {
    body: { kind: 'user.sign_in_failed', user: 'bob', address: '::1' },
    subjects: [],
    severity: 'warning',
    initiator: { kind: 'user', id: 'u-2', name: 'drover' },
  },
  {
    body: { kind: 'vm.deleted', vm: db },
    subjects: ['vm-2'],
    initiator: { kind: 'drover' },
    reason: 'Umzug',
  },
]

/** What history must answer; needs a database of its own for each test. */
export function describeHistory(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`${name} as history`, () => {
    let under: StoreUnderTest
    let store: Store
    let events: Event[]
    beforeEach(async () => {
      under = await open()
      store = under.connect()
      await store.lead('a', 60_000)
      const batches = new Batches('a', 1)
      const batch = batches.next([], said)
      await store.commit(batch)
      events = batch.events
    })
    afterEach(() => under.end())

    const find = async (query: Omit<EventQuery, 'limit'> & { limit?: number }) =>
      (await store.events({ limit: 50, ...query })).map(({ seq }) => seq)

    it('gives events back as they were, newest first', async () => {
      expect(await store.events({ limit: 50 })).toStrictEqual(events.toReversed())
    })

    it.each<[string, Omit<EventQuery, 'limit'>, number[]]>([
      ['a subject', { subjects: ['vm-1'] }, [3, 1]],
      ['any of several subjects', { subjects: ['vm-1', 'task-1'] }, [4, 3, 1]],
      ['a subject that nothing is about', { subjects: ['vm-3'] }, []],
      ['no subject in particular', { subjects: [] }, [6, 5, 4, 3, 2, 1]],
      ['kinds', { kinds: ['vm.created', 'vm.deleted'] }, [6, 2, 1]],
      ['a user', { initiator: 'anna' }, [2, 1]],
      ['what was not a user, or a user called so', { initiator: 'drover' }, [6, 5, 4]],
      ['what came from outside', { initiator: 'outside' }, [3]],
      ['severities', { severities: ['warning', 'error'] }, [5, 3]],
      ['words of the sentence, in any case', { text: 'db-2 WAS' }, [6, 2]],
      ['letters beyond ASCII, in any case', { text: 'æther' }, [3]],
      ['the reason that was given', { text: 'umzug' }, [6]],
      ['a per cent sign and an underscore, as they are', { text: 'b_1 100%' }, [3, 1]],
      ['a per cent sign alone', { text: '%' }, [3, 1]],
      ['a backslash', { text: '\\' }, []],
      ['no words in particular', { text: '' }, [6, 5, 4, 3, 2, 1]],
      ['a time and later', { fromAt: startAt + 5 }, [6, 5]],
      ['a time and earlier', { toAt: startAt + 2 }, [2, 1]],
      ['a stretch of time', { fromAt: startAt + 2, toAt: startAt + 3 }, [3, 2]],
      ['all times there are', { fromAt: -1e20, toAt: 1e20 }, [6, 5, 4, 3, 2, 1]],
      ['after a number', { afterSeq: 4 }, [6, 5]],
      ['before a number', { beforeSeq: 3 }, [2, 1]],
      ['the other way round', { afterSeq: 2, ascending: true }, [3, 4, 5, 6]],
      [
        'everything at once',
        { subjects: ['vm-1'], kinds: ['vm.power'], text: 'lost', severities: ['error'] },
        [3],
      ],
    ])('finds by %s', async (_, query, seqs) => {
      expect(await find(query)).toEqual(seqs)
    })

    it('gives page after page, without gap or double', async () => {
      const back: number[] = []
      for (let beforeSeq: number | undefined; ; beforeSeq = back.at(-1)) {
        const page = await find({ limit: 4, ...(beforeSeq === undefined ? {} : { beforeSeq }) })
        if (page.length === 0) break
        back.push(...page)
      }
      expect(back).toEqual([6, 5, 4, 3, 2, 1])
      expect(await find({ limit: 4, afterSeq: 0, ascending: true })).toEqual([1, 2, 3, 4])
      expect(await find({ limit: 4, afterSeq: 4, ascending: true })).toEqual([5, 6])
    })
  })
}

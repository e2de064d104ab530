import type { TableName } from '@drover/model'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Store } from '../port'
import type { StoreUnderTest } from './contract'
import { Batches, putAll, sample } from './rows'

/** Any text that the writer lets through: no NUL, no half of a surrogate pair. */
const text = fc.string({ unit: 'binary' }).map((value) => value.replaceAll('\0', ''))
const nested = fc.jsonValue({ maxDepth: 3, stringUnit: 'grapheme' })

/** Columns of 32 bits. */
const small = new Set([
  'vcpus',
  'version',
  'commands',
  'level',
  'retries',
  'delayMs',
  'timeoutMs',
  'forMs',
  'cooldownMs',
])

/** A value like the example, with other contents: texts, lists, numbers and JSON of every kind. */
function like(example: unknown, field: string): fc.Arbitrary<unknown> {
  if (/(^id|Id|At|^at|Since|^since|Until|state|kind)$/.test(field)) return fc.constant(example)
  if (typeof example === 'string') return text
  if (small.has(field)) return fc.nat(2 ** 31 - 1)
  if (typeof example === 'number') return fc.maxSafeNat()
  if (Array.isArray(example) && (example.length === 0 || typeof example[0] === 'string'))
    return fc.array(text)
  if (Array.isArray(example)) return fc.array(nested)
  if (example !== null && typeof example === 'object') return fc.dictionary(text, nested)
  return fc.constant(example)
}

/** Whatever is committed is loaded again, field by field. */
export function describeRoundTrip(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`${name} keeps any row`, () => {
    let under: StoreUnderTest
    let store: Store
    let batches: Batches
    beforeAll(async () => {
      under = await open()
      store = under.connect()
      await store.lead('a', 600_000)
      batches = new Batches('a', 1)
    })
    afterAll(() => under.end())

    const rows = fc.record(
      Object.fromEntries(
        Object.entries(sample).map(([table, row]) => [
          table,
          fc.record(
            Object.fromEntries(Object.entries(row).map(([field, value]) => [field, like(value, field)])),
          ),
        ]),
      ),
    )

    it('of every table', async () => {
      await fc.assert(
        fc.asyncProperty(rows, async (drawn) => {
          const given = drawn as unknown as typeof sample
          await store.commit(batches.next(putAll(given)))
          const { tables } = await store.load()
          for (const [table, row] of Object.entries(given))
            expect(tables[table as TableName]).toEqual([JSON.parse(JSON.stringify(row))])
        }),
        { numRuns: 60, seed: 42, endOnFailure: false },
      )
    })
  })
}

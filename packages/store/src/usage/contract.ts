import { type UsageField, type UsageWidth, usageWidthMs } from '@drover/model'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { StoreUnderTest } from '../contract'
import { Deposed, type Store } from '../port'
import type { UsageBlock } from './port'

const hour = 3_600_000
const day = 24 * hour
/** An hour's, a day's and nearly a month's end are near. */
const startAt = Date.UTC(2026, 10, 29, 22, 40)

/** Windows of one field, one list for each object. */
export function block(
  width: UsageWidth,
  fromAt: number,
  values: Record<string, number[]>,
  field: UsageField = 'cpuMean',
): UsageBlock {
  const lists = Object.values(values)
  const column = Float32Array.from(lists.flat())
  return { width, fromAt, count: lists[0]!.length, ids: Object.keys(values), columns: { [field]: column } }
}

/** What every `UsageStore` must do. */
export function describeUsage(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`${name} as a UsageStore`, () => {
    let under: StoreUnderTest
    let store: Store
    const writer = { term: 1, daemon: 'a' }
    beforeEach(async () => {
      under = await open()
      store = under.connect()
      await store.lead('a', 60_000)
    })
    afterEach(() => under.end())

    const read = async (
      width: UsageWidth,
      ids: string[],
      fromAt: number,
      count: number,
      field: UsageField = 'cpuMean',
    ) => {
      const toAt = fromAt + count * usageWidthMs[width]
      const all = await store.usage.series({ ids, width, fromAt, toAt, fields: [field] })
      for (const [i, series] of all.entries())
        expect(series).toMatchObject({ id: ids[i], width, fromAt, length: count })
      return all.map(({ columns }) => [...columns[field]!])
    }

    it.each(['raw', '5m', '1h'] as const)(
      'gives back what was recorded, across rows and partitions: %s',
      async (width) => {
        const count = 400
        const values = Array.from({ length: count }, (_, i) => i / 4)
        const from = Math.floor(startAt / usageWidthMs[width]) * usageWidthMs[width]
        await store.usage.record(
          [block(width, from, { 'vm-1': values, 'host-1': values.map((v) => -v) })],
          writer,
        )
        const [host, vm, other] = await read(width, ['host-1', 'vm-1', 'vm-9'], from, count)
        expect(vm).toEqual(values)
        expect(host).toEqual(values.map((v) => -v))
        expect(other).toEqual(values.map(() => Number.NaN))
        expect(await read(width, ['vm-1'], from + 7 * usageWidthMs[width], 3)).toEqual([
          [7 / 4, 8 / 4, 9 / 4],
        ])
      },
    )

    it('leaves beside a window what is there, whoever wrote it, and what was not heard', async () => {
      await store.usage.record([block('raw', startAt, { 'vm-1': [1, 2, 3] })], writer)
      await store.usage.record([block('raw', startAt + 40_000, { 'vm-1': [30, 40] })], writer)
      await store.usage.record([block('raw', startAt, { 'vm-1': [7] }, 'wattsMean')], writer)
      await store.usage.record([block('raw', startAt, { 'vm-1': [Number.NaN] })], writer)
      expect(await read('raw', ['vm-1'], startAt - 20_000, 6)).toEqual([
        [Number.NaN, 1, 2, 30, 40, Number.NaN],
      ])
      expect(await read('raw', ['vm-1'], startAt, 2, 'wattsMean')).toEqual([[7, Number.NaN]])
    })

    it('answers in whole windows, the first one holding the moment asked for', async () => {
      await store.usage.record([block('5m', startAt, { 'vm-1': [1, 2] })], writer)
      const query = {
        ids: ['vm-1'],
        width: '5m',
        fromAt: startAt + 1,
        toAt: startAt + 300_001,
        fields: ['cpuMean'],
      } as const
      const [series] = await store.usage.series({ ...query, ids: ['vm-1'] })
      expect(series).toMatchObject({ fromAt: startAt, length: 2 })
      expect([...series!.columns.cpuMean!]).toEqual([1, 2])
      expect(await store.usage.series({ ...query, ids: [] })).toEqual([])
    })

    it('refuses what is no block', async () => {
      await expect(store.usage.record([block('5m', startAt + 1, { 'vm-1': [1] })], writer)).rejects.toThrow(
        /window/,
      )
      const torn = { ...block('5m', startAt, { 'vm-1': [1] }), count: 2 }
      await expect(store.usage.record([torn], writer)).rejects.toThrow(/values/)
    })

    it('lets nobody write who does not lead', async () => {
      const one = [block('raw', startAt, { 'vm-1': [1] })]
      await expect(store.usage.record(one, { term: 2, daemon: 'a' })).rejects.toBeInstanceOf(Deposed)
      await expect(store.usage.record(one, { term: 1, daemon: 'b' })).rejects.toBeInstanceOf(Deposed)
      await store.resign('a', 1)
      await expect(store.usage.record(one, writer)).rejects.toBeInstanceOf(Deposed)
      await expect(store.usage.upkeep(startAt, writer)).rejects.toBeInstanceOf(Deposed)
      expect(await read('raw', ['vm-1'], startAt, 1)).toEqual([[Number.NaN]])
    })

    it.each([
      ['raw', 6 * hour, hour],
      ['5m', 30 * day, day],
      ['1h', 730 * day, 31 * day],
    ] as const)(
      'keeps %s as long as it is to be kept, and not much longer',
      async (width, keepMs, partitionMs) => {
        const at = Math.floor(startAt / hour) * hour
        // No month without any.
        const stepMs = Math.min(partitionMs, 28 * day)
        const blocks = []
        for (let then = at; then <= at + keepMs; then += stepMs)
          blocks.push(block(width, then, { 'vm-1': [1] }))
        await store.usage.record(blocks, writer)
        await store.usage.upkeep(at + keepMs, writer)
        expect(await read(width, ['vm-1'], at, 1)).toEqual([[1]])
        await store.usage.record([block(width, at + keepMs + partitionMs, { 'vm-1': [1] })], writer)
        await store.usage.upkeep(at + keepMs + partitionMs, writer)
        expect(await read(width, ['vm-1'], at, 1)).toEqual([[Number.NaN]])
        expect(await read(width, ['vm-1'], at + stepMs, 1)).toEqual([[1]])
        // What comes late is taken all the same.
        await store.usage.record([block(width, at, { 'vm-1': [2] })], writer)
        expect(await read(width, ['vm-1'], at, 1)).toEqual([[2]])
      },
    )

    it.each([
      ['raw', 6 * hour],
      ['5m', 30 * day],
      ['1h', 730 * day],
    ] as const)('forgets nothing of %s for a clock that has jumped', async (width, keepMs) => {
      // Long after the partitions of other tests, which may be left.
      const at = Date.UTC(2040, 0, 1)
      await store.usage.record([block(width, at, { 'vm-1': [1] })], writer)
      await store.usage.upkeep(at, writer)
      const then = at + 10 * keepMs
      await store.usage.upkeep(then, writer)
      await store.usage.record([block(width, then, { 'vm-1': [2] })], writer)
      await store.usage.upkeep(then + hour, writer)
      expect(await read(width, ['vm-1'], at, 1)).toEqual([[1]])
      await store.usage.upkeep(at + hour, writer)
      expect(await read(width, ['vm-1'], at, 1)).toEqual([[1]])
      expect(await read(width, ['vm-1'], then, 1)).toEqual([[2]])
    })
  })
}

import { Deposed, StoreAway, type UsageBlock, type UsageStore } from '@drover/store'
import { expect, it } from 'vitest'
import { settled } from '../testing/clock'
import { Outbox } from './outbox'

const writer = { term: 1, daemon: 'a' }

function stage() {
  const taken: number[] = []
  const kept: number[] = []
  const said: string[] = []
  const is: { fault: Error | null } = { fault: null }
  const store = {
    record: async ([block]: UsageBlock[]) => {
      if (is.fault) throw is.fault
      taken.push(block!.fromAt)
    },
    upkeep: async (now: number) => void kept.push(now),
  } as unknown as UsageStore
  const log = {
    info: () => {},
    warn: (text: string) => said.push(text),
    error: (text: string) => said.push(text),
  }
  return { taken, kept, said, is, outbox: new Outbox({ store, writer, log }) }
}

const block = (fromAt: number, values = 1): UsageBlock => ({
  width: 'raw',
  fromAt,
  count: values,
  ids: ['vm-1'],
  columns: { cpuMean: new Float32Array(values) },
})

it('drops the oldest when memory for them is used up, and says so once', async () => {
  const { taken, said, is, outbox } = stage()
  is.fault = new StoreAway('away', false)
  for (let i = 0; i < 5; i += 1) {
    outbox.send([block(i, 3 * 1024 ** 2)], 0)
    await settled()
  }
  expect(outbox.length).toBe(2)
  expect(said).toEqual([expect.stringContaining('oldest recorded usage is dropped')])
  is.fault = null
  outbox.send([block(5)], 1)
  await settled()
  expect(taken).toEqual([3, 4, 5])
  expect(said.at(-1)).toMatch(/was lost/)
})

it('does not try again what the database will never have', async () => {
  const { taken, said, is, outbox } = stage()
  is.fault = new Error('no such column')
  outbox.send([block(1), block(2)], 0)
  await settled()
  is.fault = null
  outbox.send([block(3)], 0)
  await settled()
  expect(taken).toEqual([2, 3])
  expect(said).toEqual(['usage was not recorded'])
})

it('makes room and forgets every hour, whichever way the clock is set', async () => {
  const { kept, outbox } = stage()
  const hour = 3_600_000
  for (const now of [100, 100.5, 101, 900, 102, 102.5, 103].map((hours) => hours * hour)) {
    outbox.send([block(now)], now)
    await settled()
  }
  expect(kept.map((at) => at / hour)).toEqual([100, 101, 900, 102, 103])
})

it('is silent once another daemon leads', async () => {
  const { taken, is, outbox } = stage()
  is.fault = new Deposed(1)
  outbox.send([block(1)], 0)
  await settled()
  is.fault = null
  outbox.send([block(2)], 0)
  await settled()
  expect(taken).toEqual([])
})

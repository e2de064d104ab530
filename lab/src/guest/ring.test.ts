import { expect, test } from 'vitest'
import { readRing } from './ring'

const blocks = 1024

/** A record as guest/ring.c writes it. */
function record(number: number, boot = 0xabc): Buffer {
  const block = Buffer.alloc(4096, number & 0xff)
  block.write('DROVERRC', 0, 'latin1')
  block.writeBigUInt64LE(BigInt(number), 8)
  block.writeUInt32LE(boot, 16)
  let hash = 2166136261
  for (let i = 0; i < 4092; i++) hash = Math.imul(hash ^ block[i]!, 16777619) >>> 0
  block.writeUInt32LE(hash, 4092)
  return block
}

function ringWith(numbers: number[]): Buffer {
  const bytes = Buffer.alloc(blocks * 4096)
  for (const number of numbers) record(number).copy(bytes, (number % blocks) * 4096)
  return bytes
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)

test('a ring never written has counter 0', () => {
  expect(readRing(ringWith([]))).toEqual({ counter: 0, boots: [], records: 0, bad: 0, holes: 0 })
})

test('the newest record counts, also after the ring has gone round', () => {
  expect(readRing(ringWith(range(1, 5)))).toMatchObject({ counter: 5, boots: ['00000abc'], holes: 0, bad: 0 })
  expect(readRing(ringWith(range(900, 1923)))).toMatchObject({ counter: 1923, records: 1024, holes: 0 })
})

test('who wrote is told in the order of the records, not of their places', () => {
  const bytes = ringWith(range(900, 1023))
  for (const number of range(1024, 1030)) record(number, 0xdef).copy(bytes, (number % blocks) * 4096)
  expect(readRing(bytes)).toMatchObject({ counter: 1030, boots: ['00000abc', '00000def'] })
})

test('a missing record is a hole, and an old one in its place too', () => {
  expect(readRing(ringWith([1, 2, 4]))).toMatchObject({ counter: 4, holes: 1 })
  expect(readRing(ringWith([...range(1, 1024), ...range(1026, 1030)]))).toMatchObject({
    counter: 1030,
    holes: 1,
  })
})

test('a damaged record is bad, and so is one in the wrong place', () => {
  const bytes = ringWith([1, 2, 3])
  bytes[2 * 4096 + 100]! ^= 1
  record(3).copy(bytes, 7 * 4096)
  expect(readRing(bytes)).toMatchObject({ counter: 3, bad: 2, holes: 1 })
})

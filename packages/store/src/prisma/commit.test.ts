import { expect, it } from 'vitest'
import { put, sample } from '../contract/rows'
import { deadlineOf } from './commit'
import { answerMs } from './database'

it('gives a batch time for what is written of it, and no more for what stays', () => {
  const mib = 1024 ** 2
  const large = put('decision', { ...sample.decision, inputs: ' '.repeat(20 * mib) })
  const given = (rows: Parameters<typeof deadlineOf>[0]['rows']) =>
    deadlineOf({ rows, events: [] }) - answerMs
  expect(given([put('vm', sample.vm)])).toBeLessThan(10)
  expect(given([large])).toBeGreaterThan(10_000)
  expect(given([{ ...large, fields: ['moves'] }])).toBeLessThan(10)
  expect(given([{ ...large, row: null }])).toBeLessThan(10)
})

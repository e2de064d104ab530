import { expect, it } from 'vitest'
import { masks } from './masks'

it('marks hosts, and makes one array for lists that say the same', () => {
  const mask = masks(4)
  const list = [1, 3]
  expect([...mask(list)]).toEqual([0, 1, 0, 1])
  expect(mask(list)).toBe(mask([1, 3]))
  expect([...mask([2])]).toEqual([0, 0, 1, 0])
  expect([...mask([])]).toEqual([0, 0, 0, 0])
})

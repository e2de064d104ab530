import { expect, it } from 'vitest'
import { Past } from './past'

it('keeps the newest, and of the older ones those that are still gone by', () => {
  const needed = new Set(['b'])
  const kept = new Set(['a', 'b', 'c'])
  const past = new Past(
    [...kept].map((id) => ({ id })),
    2,
    (id) => kept.delete(id),
    (id) => needed.has(id),
  )
  past.note('d', false)
  kept.add('d')
  expect([...kept]).toEqual(['b', 'd'])
  past.note('e', false)
  kept.add('e')
  expect([...kept]).toEqual(['b', 'e'])
  needed.clear()
  past.note('f', false)
  kept.add('f')
  expect([...kept]).toEqual(['e', 'f'])
})

import { expect, it } from 'vitest'
import { placeOf } from './place'

it('finds names as words of their own', () => {
  expect(placeOf('esx-1', 'esx-1 is fenced.')).toBe(0)
  expect(placeOf('esx-1', 'board-esx-1 says that esx-10 and esx-1 are off.')).toBe(33)
  expect(placeOf('esx-1', 'board-esx-1 says that esx-10 is off.')).toBe(-1)
})

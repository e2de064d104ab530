import { describe, expect, it } from 'vitest'
import { clamp, fromGiB, loadLevel, sayCores, toGiB } from './quantity'

describe('quantities', () => {
  it('carry the digits that say something', () => {
    expect([0.844, 3.21, 12.4].map(sayCores)).toEqual(['0.84', '3.2', '12'])
  })

  it('go into a form and come back', () => {
    expect(toGiB(1.5 * 1024 ** 3)).toBe('1.5')
    expect(fromGiB('1.5')).toBe(1.5 * 1024 ** 3)
    expect(fromGiB('0,5')).toBe(512 * 1024 ** 2)
    expect(fromGiB('')).toBeNaN()
    expect(fromGiB('lots')).toBeNaN()
  })

  it('never draw outside a bar', () => {
    expect([-1, 0.5, 7, Number.NaN].map(clamp)).toEqual([0, 0.5, 1, 0])
  })

  it('say when a load deserves a look', () => {
    expect([0.5, 0.8, 0.95].map(loadLevel)).toEqual(['calm', 'high', 'full'])
  })
})

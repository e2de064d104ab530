import { describe, expect, it } from 'vitest'
import { noOptions, readOptions } from './options'

describe('migration options', () => {
  it('mean no limit when empty', () => {
    expect(readOptions(noOptions).options).toEqual({
      bandwidthBytesPerSecond: null,
      downtimeMs: null,
      deadlineMs: null,
      autoConverge: true,
      postCopy: false,
    })
  })

  it('are read in the units of their fields', () => {
    const { options } = readOptions({
      ...noOptions,
      bandwidthMbps: '250',
      downtimeMs: '300',
      deadlineMinutes: '1.5',
    })
    expect(options).toMatchObject({
      bandwidthBytesPerSecond: 250_000_000,
      downtimeMs: 300,
      deadlineMs: 90_000,
    })
  })

  it('say what is wrong with each field', () => {
    const { options, errors } = readOptions({ ...noOptions, bandwidthMbps: 'fast', downtimeMs: '-1' })
    expect(options).toBeNull()
    expect(Object.keys(errors)).toEqual(['bandwidthMbps', 'downtimeMs'])
  })
})

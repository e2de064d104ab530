import { describe, expect, it } from 'vitest'
import { difference, patched } from './tables'

describe('the difference between two rows', () => {
  const row = { id: 'host-1', name: 'esx-1', wake: { ms: 5 }, held: null }
  const cases: [string, object, object | null][] = [
    ['is none when they are alike', { ...row, wake: { ms: 5 } }, null],
    [
      'is what is new and what is other',
      { ...row, name: 'esx-9', mode: 'normal' },
      { set: { name: 'esx-9', mode: 'normal' } },
    ],
    ['is a field that became null', { ...row, wake: null }, { set: { wake: null } }],
    [
      'is a field that is no longer there',
      { id: 'host-1', name: 'esx-1', held: null },
      { set: {}, gone: ['wake'] },
    ],
    ['is a field without a value', { ...row, wake: undefined }, { set: {}, gone: ['wake'] }],
  ]
  it.each(cases)('%s', (_, next, changed) => {
    expect(difference(row, next)).toEqual(changed)
  })

  it.each(cases)('applied gives the row, also after a while in a database: %s', (_, next, changed) => {
    const kept = JSON.parse(JSON.stringify(changed ?? { set: {} }))
    expect(JSON.parse(JSON.stringify(patched(row, kept)))).toEqual(JSON.parse(JSON.stringify(next)))
    expect(Object.keys(patched(row, kept)!)).not.toContain(changed && 'gone' in changed ? 'wake' : 'nothing')
  })
})

import { defaultHaSettings } from '@drover/model'
import { describe, expect, it } from 'vitest'
import { changesOf, conflictOf, defaultOf, haSections, problemOf, settingsOf, textOf } from './fields'

const fields = haSections.flatMap((section) => section.fields)
const field = (id: string) => fields.find((each) => each.id === id)!

describe('the settings of high availability', () => {
  it('are all in the form, and read back as they were', () => {
    const texts = Object.fromEntries(fields.map((each) => [each.id, textOf(each, defaultHaSettings)]))
    expect(settingsOf(defaultHaSettings, texts)).toEqual(defaultHaSettings)
    const other = Object.fromEntries(
      fields.map((each) => [
        each.id,
        each.kind === 'number'
          ? String(each.min)
          : each.kind === 'list'
            ? 'gw:22'
            : each.options.find(([value]) => value !== each.read(defaultHaSettings))![0],
      ]),
    )
    const changed = Object.keys(changesOf(defaultHaSettings, settingsOf(defaultHaSettings, other)))
    const others = Object.keys(defaultHaSettings).filter((key) => key !== 'mode' && key !== 'modeReason')
    // Every field's least value differs from its default, except where that is the default.
    expect(changed.sort()).toEqual(others.filter((key) => key !== 'fenceQuietMs').sort())
  })

  it('are shown in units of people', () => {
    expect(textOf(field('suspect'), defaultHaSettings)).toBe('3')
    expect(defaultOf(field('storm share'))).toBe('50 %')
    expect(defaultOf(field('flap window'))).toBe('60 min')
  })

  it('say what is wrong while one types', () => {
    expect(problemOf(field('suspect'), '1')).toBe('A number from 2 to 60.')
    expect(problemOf(field('suspect'), '2,5')).toBeNull()
    expect(problemOf(field('starts'), '2.5')).toMatch(/whole number/)
    expect(problemOf(field('references'), '10.0.0.1:22, gateway')).toMatch(/“gateway” is no host:port/)
  })

  it('must make sense together', () => {
    expect(conflictOf(settingsOf(defaultHaSettings, { suspect: '9' }))).toMatch(/Decide after/)
    expect(conflictOf(defaultHaSettings)).toBeNull()
  })
})

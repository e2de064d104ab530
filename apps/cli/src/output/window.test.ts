import { expect, it } from 'vitest'
import { timeWindow } from './window'

it('reads windows as people write them', () => {
  expect(timeWindow('mon-fri 20:00-06:00 Europe/Berlin')).toEqual([
    { days: [1, 2, 3, 4, 5], from: '20:00', to: '06:00', timeZone: 'Europe/Berlin' },
  ])
  expect(timeWindow('fri-mon 00:00-24:00 UTC', [])[0]!.days).toEqual([0, 1, 5, 6])
  expect(timeWindow('sat,sun 08:00-20:00')[0]).toMatchObject({ days: [0, 6], timeZone: expect.any(String) })
  expect(timeWindow('08:00-20:00')[0]!.days).toHaveLength(7)
  expect(timeWindow('20:00-21:00', timeWindow('08:00-09:00'))).toHaveLength(2)
})

it.each(['', 'at night', 'mon-xyz 08:00-09:00', '8-9'])('refuses "%s" with an example', (text) => {
  expect(() => timeWindow(text)).toThrow(/Give it as/)
})

import { expect, it } from 'vitest'
import { pressureOf, readStalls, stallsOf } from './pressure'

const psi = (some: number, full: number) =>
  `some avg10=1.00 avg60=0.50 avg300=0.10 total=${some}\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=${full}\n`
const stat = (steal: number) => `cpu  10 0 20 400 5 0 1 ${steal} 0 0\ncpu0 10 0 20 400 5 0 1 ${steal} 0 0\n`

it('counts the worst of what was waited for', () => {
  const before = stallsOf({ cpu: psi(1e6, 0), memory: psi(0, 0), io: psi(9e6, 2e6), stat: stat(0) }, 4)!
  const now = stallsOf({ cpu: psi(2e6, 0), memory: psi(2e5, 0), io: psi(19e6, 2.4e6), stat: stat(0) }, 4)!
  expect(before).toEqual([1, 0, 2, 0])
  expect(pressureOf(before, now, 10)).toBeCloseTo(0.1)
  expect(pressureOf(before, now, 0)).toBe(0)
  expect(pressureOf(now, before, 10)).toBe(0)
})

it('counts what its own hypervisor took, by core', () => {
  const none = { cpu: psi(0, 0), memory: '', io: '' }
  const before = stallsOf({ ...none, stat: stat(100) }, 4)!
  const now = stallsOf({ ...none, stat: stat(100 + 4 * 1_000 * 0.5) }, 4)!
  expect(pressureOf(before, now, 10)).toBeCloseTo(0.5)
})

it('says nothing where the kernel does not', async () => {
  expect(stallsOf({ cpu: '', memory: '', io: '', stat: stat(5) }, 4)).toBeNull()
  const here = await readStalls(2)
  for (const seconds of here ?? []) expect(seconds).toBeGreaterThanOrEqual(0)
})

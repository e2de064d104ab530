import { describe, expect, it } from 'vitest'
import { consolidateTrace } from './play'
import { hostKind, initialPlacement, readTrace } from './trace'

const steps = 30
const count = 120

/** A percentage that looks random and is the same every time. */
const noise = (a: number, b: number) => {
  const x = Math.sin(a * 12.9898 + b * 78.233) * 43758.5453
  return x - Math.floor(x)
}

/** A day in miniature; from step `altered` on another one. */
function day(altered = Number.POSITIVE_INFINITY): string {
  const sample = (vm: number, k: number) => {
    const quiet = 5 + 30 * noise(vm, -1)
    const burst = noise(vm, k + (k >= altered ? 1_000 : 0)) < 0.08 ? 60 : 0
    return Math.floor(quiet + burst + (k >= altered ? 15 : 0))
  }
  return Array.from({ length: count }, (_, vm) =>
    [`vm-${vm}`, ...Array.from({ length: steps }, (_, k) => sample(vm, k))].join(),
  ).join('\n')
}

const played = (text: string) => consolidateTrace(readTrace(text, 'day.csv'))
const written = (moves: ReturnType<typeof played>, until = steps) =>
  moves
    .filter(({ step }) => step <= until)
    .map(({ step, vm, host }) => `${step},${vm},${host}`)
    .join('\n')

describe('a day that is consolidated', () => {
  const patient = { timeout: 60_000 }

  it('is decided without its future: what comes later changes nothing, byte for byte', patient, () => {
    const moves = played(day())
    expect(written(played(day()))).toBe(written(moves))
    for (const altered of [2, 15]) {
      const other = played(day(altered))
      expect(written(other, altered - 1)).toBe(written(moves, altered - 1))
      expect(written(other)).not.toBe(written(moves))
    }
  })

  it('ends on far fewer hosts than it began with, hardly ever asked for more than they have', patient, () => {
    const vms = readTrace(day(), 'day.csv')
    const at = initialPlacement(vms)
    const began = new Set(at).size
    const moves = consolidateTrace(vms)
    let over = 0
    let instants = 0
    for (let step = 1; step < steps; step += 1) {
      for (const move of moves) if (move.step === step) at[move.vm] = move.host
      const asked = new Map<number, number>()
      for (const [vm, { use, mips }] of vms.entries())
        asked.set(at[vm]!, (asked.get(at[vm]!) ?? 0) + use[step]! * mips)
      instants += asked.size
      for (const [host, mips] of asked) if (mips > hostKind(host).mips) over += 1
    }
    expect(new Set(at).size).toBeLessThan(began / 3)
    expect(over / instants).toBeLessThan(0.02)
    expect(moves.length).toBeLessThan(2 * count)
  })

  it.each([
    ['', 'day.csv, line 1 is no VM'],
    ['a,1,2\n\nb,1,2', 'day.csv, line 2 is no VM'],
    ['a,1,2\nb,1,2,3', 'day.csv, line 2 has 3 samples, and the first line has 2'],
    ['a,1,2\nb,1,', 'day.csv, line 2: sample 1 of b is “”. Write a percentage'],
    ['a,1,NaN', 'day.csv, line 1: sample 1 of a is “NaN”'],
    ['a,1,-5', 'day.csv, line 1: sample 1 of a is “-5”'],
    ['a,1,1e99', 'day.csv, line 1: sample 1 of a is “1e99”'],
  ])('says what is wrong with a trace (%#)', (text, message) => {
    expect(() => readTrace(text, 'day.csv')).toThrow(message)
  })

  it('reads lines that end as Windows ends them, and blanks at the end', () => {
    expect(readTrace('a,1,2 \r\nb,3,4\r\n\r\n', 'day.csv').map(({ use }) => [...use])).toEqual([
      [0.01, 0.02],
      [0.03, 0.04],
    ])
  })
})

import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BacktestSide, ShadowSet } from '@drover/model'
import { expect, it } from 'vitest'
import { readRules } from '../cluster/rules'
import { sayShadow } from '../shadow/commands'
import { linesOf } from '../usage/commands'
import { sayBacktest } from './commands'

const side = (set: Partial<BacktestSide>): BacktestSide => ({
  moves: 0,
  bytes: 0,
  sleeps: 0,
  wakes: 0,
  overloadMinutes: 0,
  starvedCoreMinutes: 0,
  energyWh: 0,
  ruleViolationMinutes: 0,
  meanSpreadCpu: 0,
  meanSpreadMemory: 0,
  ...set,
})

it('says what rules would have come to, beside the others, and what is missing', () => {
  const said = sayBacktest({
    fromAt: 0,
    toAt: 86_400_000,
    hosts: 3,
    vms: 1,
    steps: 288,
    nothing: side({ overloadMinutes: 90 }),
    present: side({ overloadMinutes: 35, energyWh: 12_340 }),
    proposed: side({ moves: 4, bytes: 2 ** 31, meanSpreadCpu: 0.0512 }),
    days: [],
    gaps: ['Of web-3 nothing was recorded: it is left out.'],
  })
  expect(said).toMatch(/^3 hosts, 1 VM, /)
  expect(said).toMatch(/^moves +0 +0 +4$/m)
  expect(said).toMatch(/^host minutes over the limit +90 +35 +0$/m)
  expect(said).toMatch(/^energy, kWh +0.0 +12.3 +0.0$/m)
  expect(said).toMatch(/^CPU apart, mean +0.0 % +0.0 % +5.1 %$/m)
  expect(said.endsWith('Of web-3 nothing was recorded: it is left out.')).toBe(true)
})

it('reads rules from a file, or says how to come by one', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'rules-'))
  const file = (text: string) => {
    writeFileSync(join(dir, 'rules.json'), text)
    return join(dir, 'rules.json')
  }
  expect(await readRules(file('{"balance":{"mode":"full"}}'))).toEqual({ balance: { mode: 'full' } })
  for (const text of ['no', '[]', 'null'])
    await expect(readRules(file(text))).rejects.toThrow(/drover cluster rules/)
  await expect(readRules(join(dir, 'none.json'))).rejects.toThrow(/cannot be read/)
})

it('tells of a shadow day by day, the newest first', () => {
  const did = (moves: number) => ({ proposals: 1, moves, bytes: 0, sleeps: 0, wakes: 1 })
  const shadow = {
    name: 'bold',
    since: 0,
    createdBy: 'ada',
    days: [
      { day: '2026-11-21', rounds: 5, shadow: did(1), active: did(2), differences: [] },
      {
        day: '2026-11-22',
        rounds: 5,
        shadow: did(3),
        active: did(0),
        differences: ['Only the shadow would move web.'],
      },
    ],
  } as unknown as ShadowSet
  expect(sayShadow(shadow).split('\n').slice(1)).toEqual([
    '2026-11-22: it would have come to 3 moves, 0 sleeps, 1 wake; the active rules came to 0 moves, 0 sleeps, 1 wake.',
    '  Only the shadow would move web.',
    '2026-11-21: it would have come to 1 move, 0 sleeps, 1 wake; the active rules came to 2 moves, 0 sleeps, 1 wake.',
  ])
  expect(sayShadow({ ...shadow, days: [] })).toMatch(/decided nothing yet/)
})

it('shows the windows of which anything is known', () => {
  const columns = { cpuMean: [null, 1.5, null], wattsMean: [null, null, 120] }
  const lines = linesOf({ id: 'host-1', width: '5m', fromAt: 600_000, length: 3, columns })
  expect(lines.map(({ at, of }) => [at, of('cpuMean'), of('wattsMean')])).toEqual([
    [900_000, 1.5, null],
    [1_200_000, null, 120],
  ])
})

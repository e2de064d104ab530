import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it, vi } from 'vitest'
import { exitCodes } from '../exit'
import { balanceFile } from './balance'

const dirs: string[] = []
afterEach(() => {
  vi.restoreAllMocks()
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true })
})

const host = (id: string) => ({ id, cpuMHz: 10_000, cores: 4, memMB: 16_384 })
const vm = (id: string, cpuDemandMHz: number) => ({ id, vcpus: 2, memMB: 2_048, cpuDemandMHz, host: 'a' })
const cluster = {
  format: 'bal-cluster/1',
  hosts: [host('a'), host('b'), host('c')],
  vms: [vm('one', 3_000), vm('two', 3_000), vm('three', 3_000)],
  rules: [{ id: 'r1', kind: 'vm-host', relation: 'must-not', vms: ['one', 'two', 'three'], hosts: ['c'] }],
}
const options = { aim: 'spread', cpu: 0.05, memory: 0.1, limit: 1, explain: true, output: 'json' } as const

function run(file: unknown): { code: number; out: string; err: string } {
  const dir = mkdtempSync(join(tmpdir(), 'drover-plan-'))
  dirs.push(dir)
  const path = join(dir, 'cluster.json')
  writeFileSync(path, JSON.stringify(file))
  const text = { out: '', err: '' }
  vi.spyOn(process.stdout, 'write').mockImplementation((data) => {
    text.out += String(data)
    return true
  })
  vi.spyOn(process.stderr, 'write').mockImplementation((data) => {
    text.err += String(data)
    return true
  })
  const code = balanceFile(path, options)
  return { code, ...text }
}

it('prints the moves of a cluster file in order, and why each VM goes nowhere else', () => {
  const { code, out } = run(cluster)
  const { moves, before, after } = JSON.parse(out)
  expect(code).toBe(exitCodes.ok)
  expect(moves).toHaveLength(1)
  expect(moves[0]).toMatchObject({
    source: 'a',
    target: 'b',
    whyNot: [{ host: 'c', reason: expect.stringMatching(/rule/) }],
  })
  expect(after.spreadCpu).toBeLessThan(before.spreadCpu)
})

it('says what is wrong with a file', () => {
  const wrong = run({ ...cluster, vms: [{ ...vm('one', 1), host: 'nowhere' }] })
  expect(wrong.code).toBe(exitCodes.usage)
  expect(wrong.err).toMatch(/host that it does not have: nowhere/)
  expect(run({ ...cluster, format: 'other' }).err).toMatch(/no cluster file: format/)
})

import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { exitCodes } from '../../exit'
import { reassignFiles } from './files'
import { readProblem } from './problem'

const program = fileURLToPath(new URL('../../../bin/drover.mjs', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'drover-reassign-'))
const model = join(folder, 'model.txt')
const assignment = join(folder, 'assignment.txt')
const out = join(folder, 'new.txt')

/** Three machines of safety capacity 5, and six processes of 2, all on the first. */
const text = [
  '1\n0 10\n3',
  '0 0 20 5 0 1 1\n0 0 20 5 1 0 1\n0 0 20 5 1 1 0',
  '6\n0 0\n0 0\n0 0\n0 0\n0 0\n0 0',
  '6\n0 2 1\n1 2 1\n2 2 1\n3 2 1\n4 2 1\n5 2 1',
  '0\n1 1 1',
].join('\n')

const drover = (...args: string[]) =>
  new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, [program, 'bench', 'reassign', ...args], (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    )
  })

beforeAll(() => {
  writeFileSync(model, text)
  writeFileSync(assignment, '0 0 0 0 0 0\n')
})
afterEach(() => vi.restoreAllMocks())
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('drover bench reassign', () => {
  it('searches in two processes and writes the machine of every process', async () => {
    const args = ['--out', out, '--threads', '2', '--proposals', '20000', '--output', 'json']
    const { code, stdout, stderr } = await drover(model, assignment, ...args)
    expect([code, stderr]).toEqual([0, ''])
    // Two on each: four moves, 1 by process and 1 by machine, and 1 for the services.
    expect(JSON.parse(stdout)).toMatchObject({ initialCost: 70, cost: 9, moved: 4, processes: 6 })
    expect(JSON.parse(stdout).proposals).toBeGreaterThanOrEqual(40_000)
    const at = readFileSync(out, 'utf8').trim().split(' ').map(Number)
    expect([0, 1, 2].map((m) => at.filter((one) => one === m).length)).toEqual([2, 2, 2])
  }, 60_000)

  it('ends with 2 and says what is wrong', async () => {
    expect(await drover(model, join(folder, 'none.txt'), '--out', out)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('none.txt cannot be read'),
    })
  }, 60_000)

  it('writes the best so far when it is told to stop, and says so', async () => {
    vi.spyOn(process.stdout, 'write').mockImplementation(() => true)
    const listening = process.listenerCount('SIGTERM')
    const options = { out, budget: 3_600_000, seed: 1, threads: 1, output: 'json' } as const
    const done = reassignFiles(model, assignment, options)
    // It comes back to its caller for the first time in the middle of its search.
    await expect.poll(() => process.listenerCount('SIGTERM')).toBe(listening + 1)
    process.emit('SIGTERM')
    expect(await done).toBe(exitCodes.cancelled)
    expect(readFileSync(out, 'utf8')).toMatch(/^(\d ){5}\d\n$/)
    expect(readdirSync(folder).sort()).toEqual(['assignment.txt', 'model.txt', 'new.txt'])
    expect(process.listenerCount('SIGTERM')).toBe(listening)
  })

  it('does not begin to search when the result could not be written', async () => {
    vi.spyOn(process.stderr, 'write').mockImplementation(() => true)
    const options = { budget: 3_600_000, seed: 1, threads: 1, output: 'json' } as const
    const code = await reassignFiles(model, assignment, { ...options, out: join(folder, 'none', 'x') })
    expect(code).toBe(exitCodes.usage)
  })

  it('names the file, the line and the field that are wrong', () => {
    const wrong = join(folder, 'wrong.txt')
    writeFileSync(wrong, '0 0 9 0 0 0')
    expect(() => readProblem(model, wrong)).toThrow(
      `${wrong}, line 1: “9” stands where the machine of process 2 should be, a number from 0 to 2.`,
    )
    const small = join(folder, 'small.txt')
    writeFileSync(small, text.replace('0 0 20 5 0 1 1', '0 0 10 5 0 1 1'))
    expect(() => readProblem(small, assignment)).toThrow(
      `${assignment} breaks a constraint before anything moves: machine 0 needs 12 of resource 0 and has 10.`,
    )
  })
})

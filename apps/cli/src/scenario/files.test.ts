import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkApart, filesOf, makeDir } from './files'

describe('files of scenarios', () => {
  const dir = mkdtempSync(join(tmpdir(), 'drover-scenario-'))
  const mine = join(dir, 'mine')
  const file = join(mine, 'one.json')
  beforeAll(() => {
    for (const name of ['mine', 'others', 'empty']) mkdirSync(join(dir, name))
    for (const name of ['mine/one.json', 'mine/notes.txt', 'mine/two.json', 'others/one.json'])
      writeFileSync(join(dir, name), '{}')
  })
  afterAll(() => rmSync(dir, { recursive: true }))

  it('are those named, and of directories all that are JSON', () => {
    expect(filesOf([mine, 'x.txt'])).toEqual([file, join(mine, 'two.json'), 'x.txt'])
    expect(() => filesOf([join(dir, 'empty')])).toThrow('no scenario there')
  })

  it('have names apart, for their traces have the same', () => {
    expect(() => filesOf([mine, join(dir, 'others')])).toThrow('two files named one.json')
  })

  it('are never overwritten by what is written', () => {
    expect(() => checkApart([file], { traceDir: mine })).toThrow('would be overwritten')
    expect(() => checkApart([file], { report: join(mine, '..', 'mine', 'one.json') })).toThrow('overwritten')
    expect(() => checkApart([file], { traceDir: join(dir, 'empty'), report: 'report.json' })).not.toThrow()
  })

  it('are not run when traces could not be kept', () => {
    expect(() => makeDir(join(file, 'traces'))).toThrow(/cannot be written to .*Name a directory/)
    expect(() => makeDir(join(dir, 'empty', 'new'))).not.toThrow()
  })
})

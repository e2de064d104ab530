import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { checkWritable, writeWhole } from './file'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'drover-file-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

it('replaces a file as a whole and leaves nothing else behind', () => {
  const path = join(dir, 'out.txt')
  writeFileSync(path, 'old')
  writeWhole(path, 'new')
  expect(readFileSync(path, 'utf8')).toBe('new')
  expect(readdirSync(dir)).toEqual(['out.txt'])
})

it('writes to the file that a link leads to, and to what is no file', () => {
  symlinkSync(join(dir, 'real.txt'), join(dir, 'link.txt'))
  writeFileSync(join(dir, 'real.txt'), 'old')
  writeWhole(join(dir, 'link.txt'), 'new')
  expect(readFileSync(join(dir, 'real.txt'), 'utf8')).toBe('new')
  writeWhole('/dev/null', 'gone')
})

it.each(['none/out.txt', 'folder'])('says that %s cannot be written, before and when it is', (name) => {
  mkdirSync(join(dir, 'folder'))
  const path = join(dir, name)
  const words = `${path} cannot be written: `
  expect(() => checkWritable(path)).toThrow(words)
  expect(() => writeWhole(path, 'new')).toThrow(words)
  expect(readdirSync(dir)).toEqual(['folder'])
})

import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Beat } from '@drover/protocol'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { FileBeats } from './beats'

let root: string
const marker = '.drover-datastore.json'
const beat = (hostId: string, n: number): Beat => ({ hostId, bootId: 'b', n, alone: false, running: [] })
beforeEach(() => {
  root = join(mkdtempSync(join(tmpdir(), 'beats-')), 'store')
  mkdirSync(root)
  writeFileSync(join(root, marker), '{"uuid":"a"}')
})
afterEach(() => rmSync(join(root, '..'), { recursive: true, force: true }))

test('hosts read each other, the newest of each, and nothing that is none', async () => {
  const [one, two] = [new FileBeats(), new FileBeats()]
  expect(await one.read(root)).toEqual([])
  await one.write(root, beat('host-1', 1))
  await two.write(root, beat('host-2', 7))
  await one.write(root, beat('host-1', 2))
  const files = join(root, '.drover/beats')
  writeFileSync(join(files, 'host-3.json'), '{"half')
  writeFileSync(join(files, 'host-4.json'), JSON.stringify(beat('host-1', 99)))
  writeFileSync(join(files, 'notes.txt'), 'x')
  expect(await two.read(root)).toEqual([beat('host-1', 2), beat('host-2', 7)])
  expect(readdirSync(files).filter((name) => name.endsWith('.new'))).toEqual([])
})

test('an empty mount point is no storage, nor is another storage in its place', async () => {
  const beats = new FileBeats()
  await beats.write(root, beat('host-1', 1))
  renameSync(root, `${root}.away`)
  mkdirSync(root)
  await expect(beats.write(root, beat('host-1', 2))).rejects.toThrow('not mounted')
  await expect(new FileBeats().write(root, beat('host-1', 2))).rejects.toThrow('not mounted')
  expect(readdirSync(root)).toEqual([])
  writeFileSync(join(root, marker), '{"uuid":"b"}')
  await expect(beats.write(root, beat('host-1', 2))).rejects.toThrow('not mounted')
})

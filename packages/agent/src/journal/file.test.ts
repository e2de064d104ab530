import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { FileJournal } from './file'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'journal-'))
})
afterEach(() => rm(directory, { recursive: true }))

test('another life reads what was put, and not what was removed', async () => {
  const journal = await FileJournal.open(directory)
  await journal.put('command:task-17/3', { state: 'accepted' })
  await journal.put('command:task-17/4', { state: 'accepted' })
  await journal.put('command:task-17/3', { state: 'done' })
  await journal.remove('command:task-17/4')
  await journal.remove('never there')
  const again = await FileJournal.open(directory)
  expect(await again.read()).toEqual([{ key: 'command:task-17/3', value: { state: 'done' } }])
})

test('many writes to one key end with the last', async () => {
  const journal = await FileJournal.open(directory)
  await Promise.all(Array.from({ length: 20 }, (_, n) => journal.put('term', n)))
  expect(await journal.read()).toEqual([{ key: 'term', value: 19 }])
  expect(await readdir(directory)).toEqual(['term.json'])
})

test('a write that a power loss cut short is not read', async () => {
  const journal = await FileJournal.open(directory)
  await journal.put('term', 4)
  await writeFile(join(directory, 'term.json.new'), '{"half')
  expect(await journal.read()).toEqual([{ key: 'term', value: 4 }])
})

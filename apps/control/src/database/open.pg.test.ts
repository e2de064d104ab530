import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deployMigrations } from '@drover/store/postgres'
import { MIGRATIONS_DIR } from '@drover/store/testing'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readConfig } from '../config'
import { type OpenDatabase, openDatabase } from './open'

describe('the built-in database', () => {
  let dir: string
  let opened: OpenDatabase
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'drover-database-'))
    opened = await openDatabase(readConfig({ DROVER_DATA: dir }), () => {})
    await deployMigrations(opened.url, MIGRATIONS_DIR)
  })
  afterEach(async () => {
    await opened.close()
    rmSync(dir, { recursive: true, force: true })
  })

  const postmaster = () =>
    Number(readFileSync(join(dir, 'postgres/data/postmaster.pid'), 'utf8').split('\n')[0])
  const asked = async (sql: string) => {
    const client = new pg.Client({ connectionString: opened.url })
    await client.connect()
    try {
      return (await client.query(sql)).rows
    } finally {
      await client.end()
    }
  }

  it('is started again after it was killed, at the same address and with what was committed', async () => {
    await asked('CREATE TABLE kept AS SELECT 42 AS answer')
    const before = postmaster()
    process.kill(before, 'SIGKILL')
    await expect
      .poll(() => asked('SELECT answer FROM kept').catch(() => null), { timeout: 20_000 })
      .toEqual([{ answer: 42 }])
    expect(postmaster()).not.toBe(before)
  })
})

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { deployMigrations } from './deploy'
import { databaseUrl, MIGRATIONS_DIR, withDatabase } from './testing'

const HISTORY = `
CREATE TABLE history (seq bigint PRIMARY KEY, text text NOT NULL, active boolean NOT NULL);
CREATE UNIQUE INDEX history_one_active ON history (text) WHERE active;
CREATE FUNCTION history_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'history is only ever appended to; it refuses %', TG_OP;
END;
$$;
CREATE TRIGGER history_append_only BEFORE UPDATE OR DELETE ON history
  FOR EACH STATEMENT EXECUTE FUNCTION history_refuse();
`

describe('deployMigrations', () => {
  const db = withDatabase({ migrationsDir: null })
  let dir: string
  let fresh = 0
  let url: string
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'drover-migrations-'))
    writeFileSync(join(dir, 'migration_lock.toml'), 'provider = "postgresql"\n')
    addMigration('20260101000000_history', HISTORY)
  })
  beforeEach(() => {
    url = databaseUrl(db.url, `${new URL(db.url).pathname.slice(1)}_${++fresh}`)
  })
  afterAll(async () => {
    rmSync(dir, { recursive: true })
    for (let i = 1; i <= fresh; i++) {
      const name = `${new URL(db.url).pathname.slice(1)}_${i}`
      await db.client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
    }
  })

  function addMigration(name: string, sql: string) {
    mkdirSync(join(dir, name))
    writeFileSync(join(dir, name, 'migration.sql'), sql)
    return () => rmSync(join(dir, name), { recursive: true })
  }

  const startDeploy = () =>
    fork(fileURLToPath(new URL('./fixtures/deploy.ts', import.meta.url)), [url, dir], {
      execArgv: ['--import', 'tsx'],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })

  it('creates the database, applies what is missing once, and leaves the rest alone', async () => {
    expect(await deployMigrations(url, dir)).toEqual(['20260101000000_history'])
    expect(await deployMigrations(url, dir)).toEqual([])
    const remove = addMigration('20260102000000_more', 'ALTER TABLE history ADD COLUMN note text')
    try {
      expect(await deployMigrations(url, dir)).toEqual(['20260102000000_more'])
    } finally {
      remove()
    }
  })

  it('keeps function bodies, triggers and partial indexes of hand-written SQL', async () => {
    await deployMigrations(url, dir)
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    try {
      await client.query(`INSERT INTO history VALUES (1, 'a', true), (2, 'a', false), (3, 'a', false)`)
      await expect(client.query('UPDATE history SET text = text')).rejects.toThrow('refuses UPDATE')
      await expect(client.query('DELETE FROM history')).rejects.toThrow('refuses DELETE')
      await expect(client.query(`INSERT INTO history VALUES (4, 'a', true)`)).rejects.toThrow(
        'history_one_active',
      )
    } finally {
      await client.end()
    }
  })

  it('lets several processes deploy at once: one applies, all succeed', async () => {
    const deployers = [startDeploy(), startDeploy(), startDeploy()]
    const applied = await Promise.all(
      deployers.map(async (child) => (await once(child, 'message'))[0] as string[]),
    )
    expect(applied.flat()).toEqual(['20260101000000_history'])
  })

  it('undoes a migration that fails, names its mistake, and applies it once that is corrected', async () => {
    const broken = addMigration('20260103000000_half', 'CREATE TABLE half (id int); SELECT 1 / 0;')
    const attempt = () => deployMigrations(url, dir)
    const mistake = /^Migration 20260103000000_half failed and was undone: .*division by zero$/
    try {
      await expect(attempt()).rejects.toThrow(mistake)
      await expect(attempt()).rejects.toThrow(mistake)
    } finally {
      broken()
    }
    const corrected = addMigration('20260103000000_half', 'CREATE TABLE half (id int);')
    try {
      expect(await attempt()).toEqual(['20260103000000_half'])
      expect(await attempt()).toEqual([])
    } finally {
      corrected()
    }
  })

  describe('after a kill -9 in the middle of a migration', () => {
    const SLEEPING = `query LIKE '%pg_sleep(2)%' AND state = 'active' AND pid <> pg_backend_pid()`
    const SLOW = 'CREATE TABLE slow (id int); SELECT pg_sleep(2);'
    const sleepers = async () =>
      (await db.client.query(`SELECT 1 FROM pg_stat_activity WHERE ${SLEEPING}`)).rowCount

    async function killInTheMiddle() {
      const child = startDeploy()
      const exited = once(child, 'exit')
      await expect.poll(sleepers, { timeout: 10_000, interval: 20 }).toBe(1)
      child.kill('SIGKILL')
      await exited
    }

    it('applies again what was undone with its connection', async () => {
      const remove = addMigration('20260103000000_slow', SLOW)
      try {
        await killInTheMiddle()
        await db.client.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${SLEEPING}`)
        expect(await deployMigrations(url, dir)).toEqual(['20260103000000_slow'])
      } finally {
        remove()
      }
    })

    it('does not apply again what PostgreSQL finished by itself', async () => {
      const remove = addMigration('20260103000000_slow', SLOW)
      try {
        await killInTheMiddle()
        expect(await deployMigrations(url, dir)).toEqual([])
        expect(await deployMigrations(url, dir)).toEqual([])
      } finally {
        remove()
      }
    })
  })

  it('refuses a database that a newer version has written', async () => {
    const remove = addMigration('20260104000000_newer', 'CREATE TABLE newer (id int)')
    await deployMigrations(url, dir).finally(remove)
    await expect(deployMigrations(url, dir)).rejects.toThrow(/does not know: 20260104000000_newer/)
  })
})

describe('withDatabase', () => {
  const db = withDatabase()

  it('is migrated by the project’s own migrations', async () => {
    expect(await deployMigrations(db.url, MIGRATIONS_DIR)).toEqual([])
    const { rows } = await db.client.query('SELECT count(*)::int AS count FROM leadership')
    expect(rows).toEqual([{ count: 1 }])
  })
})

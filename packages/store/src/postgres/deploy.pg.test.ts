import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
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
    const { Client } = (await import('pg')).default
    const client = new Client({ connectionString: url })
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
    const deployers = Array.from({ length: 3 }, () =>
      fork(fileURLToPath(new URL('./fixtures/deploy.ts', import.meta.url)), [url, dir], {
        execArgv: ['--import', 'tsx'],
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      }),
    )
    const applied = await Promise.all(
      deployers.map(async (child) => (await once(child, 'message'))[0] as string[]),
    )
    expect(applied.flat()).toEqual(['20260101000000_history'])
  })

  it('names the mistake of a migration that fails, undoes it, and then stops until it is resolved', async () => {
    await deployMigrations(url, dir)
    const remove = addMigration('20260103000000_broken', 'CREATE TABLE half (id int); SELECT 1 / 0;')
    try {
      await expect(deployMigrations(url, dir)).rejects.toThrow(/20260103000000_broken[\s\S]*division by zero/)
      await expect(deployMigrations(url, dir)).rejects.toThrow('20260103000000_broken')
    } finally {
      remove()
    }
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
    expect(rows).toEqual([{ count: 0 }])
  })
})

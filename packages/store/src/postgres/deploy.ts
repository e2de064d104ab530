import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bindMigrationAwareSqlAdapterFactory, type SqlDriverAdapter } from '@prisma/driver-adapter-utils'
import pg from 'pg'
import { engineConnections, loadEngine, originalError, type Target, targetOf, withClient } from './engine'

/** Held while migrating, so that several processes that start at once take turns. Any constant will do. */
const DEPLOY_LOCK = 7_365_210_418

/** The lock that Prisma's engine, and so its CLI, holds while it migrates. */
const PRISMA_LOCK = 72_707_369

/**
 * `prisma migrate deploy` without the CLI: creates the database if it is missing and applies the migrations in
 * `migrationsDir` that it lacks. Returns their names. Safe from several processes at once; a few milliseconds when
 * there is nothing to do. A migration is applied whole or not at all; one that failed or was interrupted is tried again.
 * Throws when one fails, or when the database has one that is unknown here (a newer Drover's database).
 */
export async function deployMigrations(url: string, migrationsDir: string): Promise<string[]> {
  const target = targetOf(url)
  await createDatabase(target)
  const known = migrationNames(migrationsDir)
  return withClient(target, target.config.database, async (client) => {
    if ((await missing(client, target, known)).length === 0) return []
    await client.query('SELECT pg_advisory_lock($1)', [DEPLOY_LOCK])
    await settleInterrupted(client, target)
    if ((await missing(client, target, known)).length === 0) return []
    return applyMigrations(url, migrationsDir, known)
  })
}

async function createDatabase(target: Target): Promise<void> {
  const { database } = target.config
  const isThere = await withClient(target, database, async () => true).catch((error: pg.DatabaseError) => {
    if (error.code === '3D000') return false // invalid_catalog_name
    throw error
  })
  if (isThere) return
  await withClient(target, 'postgres', (client) =>
    client.query(`CREATE DATABASE ${pg.escapeIdentifier(database)}`),
  ).catch((error: pg.DatabaseError) => {
    // duplicate_database, unique_violation: another process has just made it.
    if (error.code !== '42P04' && error.code !== '23505') throw error
  })
}

function migrationNames(migrationsDir: string): string[] {
  const entries = readdirSync(migrationsDir, { withFileTypes: true })
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
}

/** The known migrations that the database lacks. One that was begun and not finished counts as missing. */
async function missing(client: pg.Client, target: Target, known: string[]): Promise<string[]> {
  const { rows } = await client
    .query<{ name: string; done: boolean }>(
      `SELECT migration_name AS name, finished_at IS NOT NULL AS done FROM ${migrationsTable(target)} WHERE rolled_back_at IS NULL`,
    )
    .catch((error: pg.DatabaseError) => {
      if (error.code === '42P01') return { rows: [] } // undefined_table: nothing was ever applied
      throw error
    })
  const unknown = rows.filter((row) => !known.includes(row.name)).map((row) => row.name)
  if (unknown.length > 0) {
    throw new Error(
      `Database ${target.config.database} has migrations that this version does not know: ${unknown.sort().join(', ')}. ` +
        'A newer version wrote it. Start that version, or restore a backup taken before the upgrade.',
    )
  }
  const done = new Set(rows.filter((row) => row.done).map((row) => row.name))
  return known.filter((name) => !done.has(name))
}

/** Committed together with a script, so that what a killed process had begun is known to be done or undone. */
const mark = (target: Target) => `UPDATE ${migrationsTable(target)} SET logs = 'applied' WHERE ${UNFINISHED}`
const UNFINISHED = 'finished_at IS NULL AND rolled_back_at IS NULL'

/** Settles what was begun and not finished, by its mark; Prisma would refuse to go on until a person says so. */
async function settleInterrupted(client: pg.Client, target: Target): Promise<void> {
  const table = migrationsTable(target)
  const { rows } = await client.query('SELECT to_regclass($1) IS NOT NULL AS exists', [table])
  if (!rows[0].exists) return
  await client.query('SELECT pg_advisory_lock($1)', [PRISMA_LOCK]) // waits for a script that still runs
  await client.query(`UPDATE ${table} SET finished_at = now() WHERE ${UNFINISHED} AND logs = 'applied'`)
  await client.query(`UPDATE ${table} SET rolled_back_at = now() WHERE ${UNFINISHED}`)
  await client.query('SELECT pg_advisory_unlock($1)', [PRISMA_LOCK])
}

const migrationsTable = ({ schema }: Target) => `${pg.escapeIdentifier(schema)}._prisma_migrations`

async function applyMigrations(url: string, baseDir: string, names: string[]): Promise<string[]> {
  const { SchemaEngine } = await loadEngine()
  const opened = new Set<SqlDriverAdapter>()
  const factory = bindMigrationAwareSqlAdapterFactory(
    engineConnections(url, opened, { afterScript: mark(targetOf(url)) }),
  )
  const engine = await SchemaEngine.new({ datamodels: undefined }, () => {}, factory)
  try {
    const { appliedMigrationNames } = await engine.applyMigrations({
      migrationsList: {
        baseDir,
        lockfile: { path: 'migration_lock.toml', content: readIfThere(join(baseDir, 'migration_lock.toml')) },
        shadowDbInitScript: '',
        migrationDirectories: names.map((path) => ({
          path,
          migrationFile: {
            path: 'migration.sql',
            content: { tag: 'ok', value: readFileSync(join(baseDir, path, 'migration.sql'), 'utf8') },
          },
        })),
      },
      filters: { externalTables: [], externalEnums: [] },
    })
    return appliedMigrationNames
  } catch (thrown) {
    const cause = originalError(thrown, factory.errorRegistry) as Error
    const name = /migration_name="([^"]+)"/.exec(cause.message)?.[1]
    // The engine appends where in its own source it was; nobody who reads this can use that.
    const reason = cause.message.split(/\n\s+0: /)[0]?.replace(/^external connector error\n/, '')
    throw new Error(
      name
        ? `Migration ${name} failed and was undone: ${reason}`
        : `The database cannot be migrated: ${reason}`,
      { cause },
    )
  } finally {
    engine.free()
    await Promise.allSettled([...opened].map((connection) => connection.dispose()))
  }
}

const readIfThere = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8') : null)

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bindMigrationAwareSqlAdapterFactory, type SqlDriverAdapter } from '@prisma/driver-adapter-utils'
import pg from 'pg'
import { engineConnections, loadEngine, originalError, type Target, targetOf, withClient } from './engine'

/** Held while migrating, so that several processes that start at once take turns. Any constant will do. */
const DEPLOY_LOCK = 7_365_210_418

/**
 * `prisma migrate deploy` without the CLI: creates the database if it is missing and applies the migrations in
 * `migrationsDir` that it lacks. Returns their names. Safe from several processes at once; a few milliseconds when
 * there is nothing to do. Throws when a migration fails, failed earlier, or is unknown here (a newer Drover's database).
 */
export async function deployMigrations(url: string, migrationsDir: string): Promise<string[]> {
  const target = targetOf(url)
  await createDatabase(target)
  const known = migrationNames(migrationsDir)
  return withClient(target, target.config.database, async (client) => {
    if ((await missing(client, target, known)).length === 0) return []
    await client.query('SELECT pg_advisory_lock($1)', [DEPLOY_LOCK])
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

/** The known migrations that the database lacks. A failed one counts as missing: the engine then says what to do. */
async function missing(client: pg.Client, { schema, config }: Target, known: string[]): Promise<string[]> {
  const table = `${pg.escapeIdentifier(schema)}._prisma_migrations`
  const { rows } = await client
    .query<{ name: string; done: boolean }>(
      `SELECT migration_name AS name, finished_at IS NOT NULL AS done FROM ${table} WHERE rolled_back_at IS NULL`,
    )
    .catch((error: pg.DatabaseError) => {
      if (error.code === '42P01') return { rows: [] } // undefined_table: nothing was ever applied
      throw error
    })
  const unknown = rows.filter((row) => !known.includes(row.name)).map((row) => row.name)
  if (unknown.length > 0) {
    throw new Error(
      `Database ${config.database} has migrations that this version does not know: ${unknown.sort().join(', ')}. ` +
        'A newer version wrote it. Start that version, or restore a backup taken before the upgrade.',
    )
  }
  const done = new Set(rows.filter((row) => row.done).map((row) => row.name))
  return known.filter((name) => !done.has(name))
}

async function applyMigrations(url: string, baseDir: string, names: string[]): Promise<string[]> {
  const { SchemaEngine } = await loadEngine()
  const opened = new Set<SqlDriverAdapter>()
  const factory = bindMigrationAwareSqlAdapterFactory(engineConnections(url, opened))
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
    throw originalError(thrown, factory.errorRegistry)
  } finally {
    engine.free()
    await Promise.allSettled([...opened].map((connection) => connection.dispose()))
  }
}

const readIfThere = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8') : null)

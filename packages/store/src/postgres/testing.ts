import { createHash, randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { afterAll, beforeAll } from 'vitest'
import { deployMigrations } from './deploy'
import { SHARED_SERVER, startTestServer, type TestServer } from './test-server'

export { startTestServer, type TestServer }

/** The project's own migrations. */
export const MIGRATIONS_DIR = fileURLToPath(new URL('../../../../prisma/migrations', import.meta.url))

const TEMPLATE_LOCK = 20_541_107

export interface TestDatabase {
  readonly url: string
  /** A connection to it, ended with the test file. */
  readonly client: pg.Client
}

/**
 * A fresh, migrated database for the test file that calls this at its top (or for the `describe` that does), dropped
 * afterwards. Copied from a template, so the migrations run once for all files. `migrationsDir: null` leaves it empty.
 */
export function withDatabase(options: { migrationsDir?: string | null } = {}): TestDatabase {
  const { migrationsDir = MIGRATIONS_DIR } = options
  const name = `test_${randomBytes(6).toString('hex')}`
  let own: TestServer | undefined
  let serverUrl = process.env[SHARED_SERVER] ?? ''
  let client: pg.Client | undefined

  beforeAll(async () => {
    if (!serverUrl) {
      own = await startTestServer()
      serverUrl = own.url
    }
    const template = migrationsDir === null ? 'template0' : await makeTemplate(serverUrl, migrationsDir)
    await execute(serverUrl, `CREATE DATABASE ${name} TEMPLATE ${template}`)
    client = new pg.Client({ connectionString: databaseUrl(serverUrl, name) })
    client.on('error', () => {})
    await client.connect()
  }, 60_000)
  afterAll(async () => {
    await client?.end()
    if (own) await own.remove()
    else await execute(serverUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
  }, 30_000)

  return {
    get url() {
      return databaseUrl(serverUrl, name)
    },
    get client() {
      if (!client)
        throw new Error('withDatabase: use it inside tests and hooks, not while the file is collected')
      return client
    },
  }
}

/** The migrated template for these migrations, by the hash of their text; made once per server. */
async function makeTemplate(serverUrl: string, migrationsDir: string): Promise<string> {
  const hash = createHash('sha256')
  const files = readdirSync(migrationsDir, { recursive: true, encoding: 'utf8' })
  for (const file of files.filter((path) => path.endsWith('.sql')).sort()) {
    hash.update(file).update(readFileSync(join(migrationsDir, file)))
  }
  const name = `template_${hash.digest('hex').slice(0, 16)}`
  const client = new pg.Client({ connectionString: serverUrl })
  await client.connect()
  try {
    await client.query('SELECT pg_advisory_lock($1)', [TEMPLATE_LOCK])
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1 AND datistemplate', [name])
    if (found.rowCount === 0) {
      await deployMigrations(databaseUrl(serverUrl, name), migrationsDir)
      await client.query(`ALTER DATABASE ${name} IS_TEMPLATE true`)
    }
  } finally {
    await client.end()
  }
  return name
}

async function execute(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}

/** The same server's address with another database. */
export function databaseUrl(serverUrl: string, database: string): string {
  const url = new URL(serverUrl)
  url.pathname = `/${database}`
  return url.toString()
}

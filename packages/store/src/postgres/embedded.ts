import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  appendFileSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { type Account, asAccount, postgresAccount } from './account'
import { type Binaries, postgresBinaries } from './binaries'
import { prepareHome } from './home'
import { findPostmaster, livePostmaster, pickPort } from './postmaster'

const run = promisify(execFile)

const USER = 'drover'
const PASSWORD_FILE = 'drover.password'
const CONFIG_FILE = 'drover.conf'
const START_TIMEOUT_MS = 60_000
const LOG_LIMIT_BYTES = 16 * 1024 * 1024

export interface EmbeddedPostgresOptions {
  /** Holds the database (`data`) and `server.log`; made if missing. */
  dir: string
  /** TCP port on 127.0.0.1. Default: the one used last time, else a free one. A running server keeps its own. */
  port?: number
  /** Name of the database in the returned address; `deployMigrations` creates it. */
  database: string
  /** Told of anything an administrator should know, such as a database kept elsewhere. */
  log?: (message: string) => void
}

export interface EmbeddedPostgres {
  /** postgresql:// address with the generated password: a secret. */
  url: string
  port: number
  pid: number
  /** True when a server left by an earlier process was found running. */
  reused: boolean
  /** The real directory of the database files. */
  dataDir: string
  /** Ends the server: clients are cut off at once, what was committed stays. About 0.1 s, rarely above 1 s. */
  stop(): Promise<void>
}

interface Cluster {
  home: string
  dataDir: string
  account: Account | undefined
  binaries: Binaries
}

/**
 * Starts the built-in PostgreSQL on `dir`, or finds the one already running there: it outlives a killed Node, and two
 * processes may call this at once. Everything committed is on disk (fsync). Throws with the end of the server's log
 * when it does not start.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const dir = resolve(options.dir)
  const account = await postgresAccount(join(dir, 'data'))
  const home = await prepareHome(account, dir, options.log ?? (() => {}))
  const dataDir = join(home, 'data')
  const cluster: Cluster = { home, dataDir, account, binaries: await postgresBinaries(account, home) }

  if (!existsSync(join(dataDir, 'PG_VERSION'))) await initialise(cluster)
  const password = readFileSync(join(dataDir, PASSWORD_FILE), 'utf8').trim()
  const urlOf = (port: number, database = 'postgres') =>
    `postgresql://${USER}:${password}@127.0.0.1:${port}/${encodeURIComponent(database)}`

  const { server, reused } = await findOrStart(cluster, options.port, urlOf)
  return {
    ...server,
    reused,
    dataDir,
    url: urlOf(server.port, options.database),
    stop: () => stop(cluster),
  }
}

async function findOrStart(cluster: Cluster, port: number | undefined, urlOf: (port: number) => string) {
  const deadline = Date.now() + START_TIMEOUT_MS
  let reused = true
  for (;;) {
    const server = await findPostmaster(cluster.dataDir, urlOf, START_TIMEOUT_MS)
    if (server) return { server, reused }
    reused = false
    const failure = await launch(cluster, port)
    if (!failure && Date.now() < deadline) continue
    // Another process starts it; or its port was taken meanwhile; or the children of a killed one still end.
    reused = /lock file .* (already exists|is empty)/.test(failure ?? '')
    const portTaken = port === undefined && /could not bind/.test(failure ?? '')
    const childrenEnd = /pre-existing shared memory block/.test(failure ?? '')
    if (!(reused || portTaken || childrenEnd) || Date.now() > deadline) {
      throw new Error(`PostgreSQL did not start in ${cluster.home}: ${failure ?? 'it ends at once'}`)
    }
    await sleep(100)
  }
}

/** Writes the configuration and starts the server. Returns what went wrong, if anything did. */
async function launch(
  { home, dataDir, account, binaries }: Cluster,
  port?: number,
): Promise<string | undefined> {
  const configFile = join(dataDir, CONFIG_FILE)
  const lastPort = existsSync(configFile)
    ? Number(/^port = (\d+)$/m.exec(readFileSync(configFile, 'utf8'))?.[1] ?? 0)
    : 0
  writeOwned(account, configFile, configuration(port ?? (await pickPort(lastPort))))
  const logFile = join(home, 'server.log')
  const logged = statSync(logFile, { throwIfNoEntry: false })?.size ?? 0
  if (logged > LOG_LIMIT_BYTES) renameSync(logFile, `${logFile}.1`)
  try {
    const args = ['start', '-w', '-t', String(START_TIMEOUT_MS / 1000), '-D', dataDir, '-l', logFile]
    await run(binaries.pgCtl, args, asAccount(account))
    return undefined
  } catch (error) {
    const text = existsSync(logFile)
      ? readFileSync(logFile).subarray(logged > LOG_LIMIT_BYTES ? 0 : logged)
      : ''
    return text.toString().trim() || String((error as Error).message)
  }
}

const configuration = (
  port: number,
) => `# Written by Drover at every start; put settings of your own into postgresql.conf after the include.
port = ${port}
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 200
shared_buffers = 256MB
max_wal_size = 2GB
fsync = on
synchronous_commit = on
log_checkpoints = off
timezone = 'UTC'
log_timezone = 'UTC'
`

/** Makes the database files aside and moves them into place whole: an interrupted first start leaves nothing half made. */
async function initialise({ home, dataDir, account, binaries }: Cluster): Promise<void> {
  const draft = mkdtempSync(`${dataDir}.`)
  if (account) chownSync(draft, account.uid, account.gid)
  const passwordFile = join(home, `${randomBytes(6).toString('hex')}.password`)
  try {
    writeOwned(account, passwordFile, `${randomBytes(24).toString('base64url')}\n`)
    const auth = ['-U', USER, '-A', 'scram-sha-256', '--pwfile', passwordFile]
    // One collation on every operating system: the C.UTF-8 that PostgreSQL itself brings.
    const locale = ['-E', 'UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
    await run(binaries.initdb, ['-D', draft, ...auth, ...locale, '--no-instructions'], asAccount(account))
    appendFileSync(join(draft, 'postgresql.conf'), `\ninclude_if_exists '${CONFIG_FILE}'\n`)
    renameSync(passwordFile, join(draft, PASSWORD_FILE))
    renameSync(draft, dataDir)
  } catch (error) {
    // Another process may have been first; its files then stand, with its password.
    if (!existsSync(join(dataDir, 'PG_VERSION'))) throw error
  } finally {
    rmSync(draft, { recursive: true, force: true })
    rmSync(passwordFile, { force: true })
  }
}

async function stop({ dataDir, account, binaries }: Cluster): Promise<void> {
  for (const [mode, seconds] of [
    ['fast', '1'],
    ['immediate', '10'],
  ] as const) {
    if (!livePostmaster(dataDir)) return
    // `immediate` skips the last checkpoint; the next start recovers from the write-ahead log, nothing is lost.
    const args = ['stop', '-w', '-t', seconds, '-m', mode, '-D', dataDir]
    const error = await run(binaries.pgCtl, args, asAccount(account)).then(
      () => undefined,
      (reason: Error) => reason,
    )
    if (!error) return
    if (mode === 'immediate' && livePostmaster(dataDir)) throw error
  }
}

/** Writes a file that only PostgreSQL's account (and root) can read. */
function writeOwned(account: Account | undefined, file: string, text: string): void {
  writeFileSync(file, text, { mode: 0o600 })
  if (account) chownSync(file, account.uid, account.gid)
}

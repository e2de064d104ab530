import { chmodSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded'
import { isAlive, livePostmaster } from './postmaster'

/** Names the server that all test files of a run share; set by the global setup (testing.setup.ts). */
export const SHARED_SERVER = 'DROVER_TEST_POSTGRES'

const DIR_PREFIX = 'drover-test-postgres-'

export interface TestServer {
  /** The server's `postgres` database; the port stays through a crash and a restart. */
  readonly url: string
  readonly dir: string
  readonly pid: number
  /** kill -9; returns when the process is gone. What was committed must survive this. */
  crash(): Promise<void>
  /** SIGSTOP and SIGCONT: a database that hangs without closing a connection. */
  freeze(): void
  thaw(): void
  /** Starts it again (or finds it running); tells which. */
  restart(): Promise<EmbeddedPostgres>
  stop(): Promise<void>
  /** Stops it and deletes its files. */
  remove(): Promise<void>
}

/** A server of its own for a test that crashes or stops it. Call `remove()` at the end. */
export async function startTestServer(): Promise<TestServer> {
  await removeLeftovers()
  const dir = realpathSync(mkdtempSync(join(tmpdir(), `${DIR_PREFIX}${process.pid}-`)))
  chmodSync(dir, 0o755) // the account PostgreSQL runs as must get in
  const start = () => startEmbeddedPostgres({ dir: join(dir, 'server'), database: 'postgres' })
  let server = await start()
  return {
    get url() {
      return server.url
    },
    get pid() {
      return server.pid
    },
    dir,
    async crash() {
      process.kill(server.pid, 'SIGKILL')
      while (livePostmaster(server.dataDir)) await sleep(5)
    },
    freeze: () => signalAll(server.pid, 'SIGSTOP'),
    thaw: () => signalAll(server.pid, 'SIGCONT'),
    async restart() {
      server = await start()
      return server
    },
    stop: () => server.stop(),
    async remove() {
      await server.stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** The server and one process per connection and duty (Linux). */
function signalAll(pid: number, signal: NodeJS.Signals): void {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean)
  for (const process_ of [pid, ...children.map(Number)]) process.kill(process_, signal)
}

/** Ends and deletes servers of test runs that were killed before they could. */
async function removeLeftovers(): Promise<void> {
  for (const name of readdirSync(tmpdir())) {
    const runner = new RegExp(`^${DIR_PREFIX}(\\d+)-`).exec(name)?.[1]
    if (!runner || isAlive(Number(runner))) continue
    const dir = join(tmpdir(), name)
    const left = livePostmaster(join(dir, 'server', 'data'))
    try {
      if (left) process.kill(left.pid, 'SIGQUIT')
      rmSync(dir, { recursive: true, force: true })
    } catch {
      // Another run clears it at this moment, or it is another user's.
    }
  }
}

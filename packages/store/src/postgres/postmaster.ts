import { existsSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'

/** A running server, as its own `postmaster.pid` tells it. */
export interface Postmaster {
  pid: number
  port: number
}

const PORTS = { first: 54300, last: 54399 }

/**
 * The server that runs on `dataDir` and answers on `urlOf(port)`, or undefined when none runs. Waits for one that is
 * still recovering or still ending. A pid file that names somebody else's process is removed.
 */
export async function findPostmaster(
  dataDir: string,
  urlOf: (port: number) => string,
  timeoutMs: number,
): Promise<Postmaster | undefined> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const found = readPidFile(dataDir)
    if (!found || !isAlive(found.pid)) return undefined // PostgreSQL itself clears the file of a dead process
    if (!isPostmasterOf(found.pid, dataDir)) {
      // The pid belongs to another process by now (a restarted container, a rebooted machine): PostgreSQL would refuse.
      rmSync(join(dataDir, 'postmaster.pid'), { force: true })
      return undefined
    }
    const refusal = found.port > 0 ? await connectOnce(urlOf(found.port)) : undefined
    if (refusal === null) return found
    if (Date.now() > deadline) {
      throw new Error(
        `PostgreSQL (pid ${found.pid}) holds ${dataDir} but did not answer on port ${found.port} ` +
          `within ${timeoutMs / 1000} s. See server.log beside it; end that process and start again.`,
        { cause: refusal },
      )
    }
    await sleep(50)
  }
}

/** The process named in `postmaster.pid`, if it lives and is a server on `dataDir`. */
export function livePostmaster(dataDir: string): Postmaster | undefined {
  const found = readPidFile(dataDir)
  return found && isAlive(found.pid) && isPostmasterOf(found.pid, dataDir) ? found : undefined
}

/** What `postmaster.pid` says; the port is 0 until the server has written it. */
function readPidFile(dataDir: string): Postmaster | undefined {
  const file = join(dataDir, 'postmaster.pid')
  if (!existsSync(file)) return undefined
  const lines = readFileSync(file, 'utf8').split('\n')
  const pid = Number(lines[0])
  return pid > 0 ? { pid, port: Number(lines[3] ?? 0) } : undefined
}

/** Whether a process of that number exists, whoever owns it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** A postmaster's working directory is its data directory; only Linux lets us look, elsewhere a live pid must do. */
function isPostmasterOf(pid: number, dataDir: string): boolean {
  if (process.platform !== 'linux') return true
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === dataDir
  } catch {
    return false
  }
}

/** Connects and leaves. Null: the server answers; else the error. */
async function connectOnce(url: string): Promise<Error | null> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query('SELECT 1')
    return null
  } catch (error) {
    return error as Error
  } finally {
    await client.end().catch(() => {})
  }
}

/** A free port on 127.0.0.1: `preferred` if it is free, else one of 54300–54399, else any. */
export async function pickPort(preferred?: number): Promise<number> {
  if (preferred && (await isFree(preferred))) return preferred
  const count = PORTS.last - PORTS.first + 1
  // A random first try keeps two servers that start together from choosing alike.
  const offset = Math.floor(Math.random() * count)
  for (let i = 0; i < count; i++) {
    const port = PORTS.first + ((offset + i) % count)
    if (await isFree(port)) return port
  }
  return (await listenOnce(0)) ?? 0
}

const isFree = async (port: number) => (await listenOnce(port)) !== undefined

function listenOnce(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(undefined))
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' ? address?.port : undefined))
    })
  })
}

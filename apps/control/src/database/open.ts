import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startEmbeddedPostgres } from '@drover/store/postgres'
import type { Config } from '../config'

export interface OpenDatabase {
  url: string
  /** For people: no password in it. */
  label: string
  /** The built-in server stops with the last daemon that uses it. */
  close(): Promise<void>
}

/** How often the built-in server is looked after. */
const LOOK_MS = 1_000

/**
 * The database that the environment names, or the built-in one: started if it does not run, and again whenever it has
 * died, on the same port, so that everybody's connections come back by themselves.
 */
export async function openDatabase(config: Config, log: (message: string) => void): Promise<OpenDatabase> {
  if (config.databaseUrl) {
    const { host } = new URL(config.databaseUrl)
    return { url: config.databaseUrl, label: host, close: async () => {} }
  }
  const users = usersOf(join(config.dataDir, 'daemons'))
  users.enter()
  const options = { dir: join(config.dataDir, 'postgres'), database: 'drover', log }
  let server = await startEmbeddedPostgres(options)
  const { url, port } = server
  const look = async () => {
    if (isAlive(server.pid)) return
    log('the built-in PostgreSQL has died; it is started again')
    // Another daemon of this directory may have been quicker: then its server is found and used.
    server = await startEmbeddedPostgres({ ...options, port })
  }
  const stopLooking = every(LOOK_MS, look, (error) =>
    log(`the built-in PostgreSQL cannot be started: ${error.message}`),
  )
  return {
    url,
    label: 'built in',
    close: async () => {
      await stopLooking()
      if (users.leave() === 0) await server.stop()
    },
  }
}

/** Repeats `look` until stopped, one at a time; one that fails is told of and made again. Stopping waits for the last. */
function every(ms: number, look: () => Promise<void>, failed: (error: Error) => void): () => Promise<void> {
  let looking = Promise.resolve()
  const timer = setInterval(() => {
    looking = looking.then(look).catch(failed)
  }, ms)
  return () => {
    clearInterval(timer)
    return looking
  }
}

/** Which processes use the built-in server: a file for each, named by its process id, so that a killed one does not count. */
function usersOf(dir: string) {
  const own = join(dir, String(process.pid))
  return {
    enter() {
      mkdirSync(dir, { recursive: true })
      writeFileSync(own, '')
    },
    /** How many others remain. */
    leave(): number {
      rmSync(own, { force: true })
      return readdirSync(dir).filter((name) => isAlive(Number(name))).length
    },
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

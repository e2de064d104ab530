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

/** The database that the environment names, or the built-in one, started if it does not run. */
export async function openDatabase(config: Config, log: (message: string) => void): Promise<OpenDatabase> {
  if (config.databaseUrl) {
    const { host } = new URL(config.databaseUrl)
    return { url: config.databaseUrl, label: host, close: async () => {} }
  }
  const users = usersOf(join(config.dataDir, 'daemons'))
  users.enter()
  const server = await startEmbeddedPostgres({
    dir: join(config.dataDir, 'postgres'),
    database: 'drover',
    log,
  })
  return {
    url: server.url,
    label: 'built in',
    close: async () => {
      if (users.leave() === 0) await server.stop()
    },
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

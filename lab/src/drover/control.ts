import { join } from 'node:path'
import { ApiClient } from '@drover/harness/client'
import { freePort } from '@drover/harness/wait'
import { until } from '../run'
import { type Service, service, tail } from './process'
import { controlProgram, type Program } from './programs'

export interface Health {
  leading: boolean
  term: number
  seq: number
  databaseAwaySince: number | null
}

/** One control daemon, as a process of its own. */
export interface ControlDaemon {
  readonly name: string
  /** Where its API listens; the same after a restart. */
  readonly url: string
  readonly logFile: string
  readonly process: Service
  /** Undefined while it does not answer. */
  health(): Promise<Health | undefined>
  /** Begins it, if it does not run, and waits until it leads. */
  lead(): Promise<void>
  /** A client that is signed in as admin. */
  signIn(): Promise<ApiClient>
}

export interface ControlOptions {
  name: string
  /** Directory for its log. */
  dir: string
  databaseUrl: string
  /** Where agents connect; off loopback it is TLS. */
  agentHost: string
  agentPort: number
  adminPassword: string
  /** The agent that hosts fetch when they join. */
  agentBundle: string
  /** Default: from the sources. */
  program?: Program
}

const firstPort = 18_200

/** A control daemon that has not been started yet. */
export async function controlDaemon(options: ControlOptions): Promise<ControlDaemon> {
  const { name, dir, agentHost, agentPort, adminPassword, program = controlProgram } = options
  const port = await freePort(firstPort)
  const url = `http://127.0.0.1:${port}`
  const logFile = join(dir, `${name}.log`)
  const scheme = agentHost === '127.0.0.1' ? 'http' : 'https'
  const process = service(
    program,
    {
      DATABASE_URL: options.databaseUrl,
      DROVER_DATA: dir,
      DROVER_API_PORT: String(port),
      DROVER_AGENT_HOST: agentHost,
      DROVER_AGENT_PORT: String(agentPort),
      DROVER_AGENT_URL: `${scheme}://${agentHost}:${agentPort}`,
      DROVER_AGENT_BUNDLE: options.agentBundle,
      DROVER_PUBLIC_URL: url,
      DROVER_ADMIN_PASSWORD: adminPassword,
    },
    logFile,
  )
  const health = (): Promise<Health | undefined> =>
    fetch(`${url}/api/health`, { signal: AbortSignal.timeout(1_000) })
      .then((response) => response.json() as Promise<Health>)
      .catch(() => undefined)
  return {
    name,
    url,
    logFile,
    process,
    health,
    async lead() {
      if (!process.running) process.start()
      await until(`${name} leads`, 30_000, async () => {
        if (!process.running) throw new Error(`${name} has ended:\n${tail(logFile)}`)
        return (await health())?.leading
      })
    },
    async signIn() {
      const client = new ApiClient(url)
      // The account is made just after the lead is taken; ten attempts in a minute are all that anybody gets.
      const everyMs = 2_000
      const signIn = () =>
        client.signIn('admin', adminPassword).then(
          () => true,
          () => false,
        )
      await until(`${name} lets admin in`, 15_000, signIn, everyMs)
      return client
    },
  }
}

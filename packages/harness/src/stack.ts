import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { claim } from './claim'
import { ApiClient } from './client'
import { Processes } from './processes'
import { freePort, until } from './wait'

export const root = join(import.meta.dirname, '../../..')

export interface StackOptions {
  /** Where PostgreSQL, logs and the simulated data centre keep what they keep. */
  dataDir: string
  /** Wanted port of the dashboard; the next free one is taken when somebody else has it. */
  port: number
  /** Where agents connect; loopback unless hosts are elsewhere. */
  agentHost?: string
  agentTls?: 'auto' | 'on' | 'off'
  demo?: boolean
  /** A PostgreSQL that runs already; default: the built-in one. */
  databaseUrl?: string
  /** From the sources, pages compiled as they are opened. */
  dev?: boolean
  /** Called as soon as there is something to end, which is long before all of it answers. */
  begun?: (stop: () => Promise<void>) => void
  died: (name: string, code: number | null) => void
}

export interface Stack {
  /** The one address for browsers. */
  origin: string
  /** Control's own address: CLI and health checks work there too. */
  apiUrl: string
  agentUrl: string
  /** Null once `forgetPassword` has been called, in this life or an earlier one. */
  adminPassword: string | null
  processes: Processes
  logDir: string
  /** Arguments for Node.js that run `drover-agent`, in apps/agent. */
  agent: string[]
  /** A client that is signed in as admin; only as long as the password is known. */
  admin(): Promise<ApiClient>
  /** Keeps the first password no longer: whoever started us has shown it to its owner. */
  forgetPassword(): void
  /** Starts another program beside it, ended before control is. */
  launch(name: string, args: string[], cwd: string, env?: Record<string, string>): void
  stop(): Promise<void>
}

interface Setup {
  adminPassword: string | null
}

/**
 * Starts control (with its built-in PostgreSQL) and the dashboard, from what `npm run build` made, and waits until
 * both answer. Used by `npm start`, by the lab and by the browser tests: they all run the same thing.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { dataDir } = options
  mkdirSync(dataDir, { recursive: true })
  const logDir = join(dataDir, 'log')
  const setupFile = join(dataDir, 'setup.json')
  const setup = readSetup(setupFile)
  const port = await freePort(options.port)
  const apiPort = await freePort(port + 1)
  const agentPort = await freePort(apiPort + 1)
  const origin = `http://localhost:${port}`
  const apiUrl = `http://127.0.0.1:${apiPort}`
  const agentHost = options.agentHost ?? '127.0.0.1'
  const tls = options.agentTls === 'on' || (options.agentTls !== 'off' && agentHost !== '127.0.0.1')
  const agentUrl = `${tls ? 'https' : 'http'}://${agentHost}:${agentPort}`

  const claimed = await claim(dataDir, origin)
  let fail: (error: Error) => void = () => {}
  const failed = new Promise<never>((_, reject) => {
    fail = reject
  })
  failed.catch(() => {})
  const processes = new Processes((name, code) => {
    fail(new Error(`The ${name} ended by itself (exit code ${code})`))
    options.died(name, code)
  }, claimed.add)
  const program = (app: string, built: string, source: string): { args: string[]; cwd: string } => {
    const cwd = join(root, 'apps', app)
    return { cwd, args: options.dev ? ['--import', 'tsx', source] : ['--enable-source-maps', built] }
  }
  processes.launch({
    name: 'control',
    ...program('control', 'dist/main.js', 'src/main.ts'),
    logFile: join(logDir, 'control.log'),
    env: {
      DROVER_DATA: dataDir,
      DROVER_API_PORT: String(apiPort),
      DROVER_AGENT_HOST: agentHost,
      DROVER_AGENT_PORT: String(agentPort),
      DROVER_AGENT_TLS: options.agentTls ?? 'auto',
      DROVER_AGENT_URL: agentUrl,
      DROVER_PUBLIC_URL: `${origin},http://127.0.0.1:${port}`,
      DROVER_ADMIN_PASSWORD: setup.adminPassword ?? '',
      DROVER_DEMO: options.demo ? '1' : '0',
      // Simulated hosts have boards too, and a fence program that speaks to them.
      ...(options.demo ? { PATH: `${join(root, 'apps/agent/fence')}:${process.env.PATH ?? ''}` } : {}),
      ...(options.databaseUrl ? { DATABASE_URL: options.databaseUrl } : {}),
    },
  })
  const web = program('web', 'dist/server.js', 'src/server.ts')
  processes.launch({
    name: 'dashboard',
    cwd: web.cwd,
    args: options.dev ? [...web.args, '--dev'] : web.args,
    logFile: join(logDir, 'dashboard.log'),
    env: {
      PORT: String(port),
      CONTROL_URLS: apiUrl,
      NEXT_TELEMETRY_DISABLED: '1',
      NODE_ENV: options.dev ? 'development' : 'production',
    },
  })
  const stop = async (): Promise<void> => {
    await processes.stop()
    claimed.release()
  }
  options.begun?.(stop)
  try {
    await Promise.race([failed, answering(apiUrl, origin)])
  } catch (error) {
    await stop()
    throw new Error(`${(error as Error).message}; its log is in ${logDir}.`)
  }
  return {
    origin,
    apiUrl,
    agentUrl,
    adminPassword: setup.adminPassword,
    processes,
    logDir,
    agent: program('agent', 'dist/main.js', 'src/main.ts').args,
    stop,
    async admin() {
      const { adminPassword } = setup
      if (adminPassword === null) throw new Error('The first password is no longer known here.')
      const client = new ApiClient(origin)
      // The account is made just after the lead is taken; ten attempts in a minute are all that anybody gets.
      const signIn = (): Promise<true> => client.signIn('admin', adminPassword).then(() => true)
      await until('Signing in', 15_000, signIn, 2_000)
      return client
    },
    forgetPassword: () => writeFileSync(setupFile, JSON.stringify({ adminPassword: null } satisfies Setup)),
    launch(name, args, cwd, env = {}) {
      processes.launch({ name, args, cwd, env, logFile: join(logDir, `${name}.log`) })
    },
  }
}

/** Waits until control leads, the dashboard draws pages, and one reaches the other. */
async function answering(apiUrl: string, origin: string): Promise<void> {
  await until('The control daemon', 60_000, () => leads(apiUrl))
  await until('The dashboard', 60_000, async () => ((await fetch(`${origin}/sign-in`)).ok ? true : null))
  await until('The way from the dashboard to control', 20_000, () => leads(origin))
}

async function leads(url: string): Promise<true | null> {
  const health = (await (await fetch(`${url}/api/health`)).json()) as { leading: boolean }
  return health.leading ? true : null
}

/** The admin's first password is chosen here, so that a start which is cut off half-way can still be finished. */
function readSetup(path: string): Setup {
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8'))
  const setup: Setup = { adminPassword: randomBytes(9).toString('base64url') }
  writeFileSync(path, JSON.stringify(setup), { mode: 0o600 })
  return setup
}

import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

/**
 * Everything that the environment decides, with its default:
 *
 *   DATABASE_URL            PostgreSQL server; unset: the built-in one, in DROVER_DATA/postgres
 *   DROVER_DATA             .data          directory of the built-in PostgreSQL
 *   DROVER_SECRET_KEY_FILE  DROVER_DATA/secret.key  seals the passwords of fence devices; the same for all daemons
 *   DROVER_API_HOST/_PORT   127.0.0.1/8081 listener for the dashboard, the CLI and health checks
 *   DROVER_AGENT_HOST/_PORT 127.0.0.1/8443 listener for agents; open while this daemon leads
 *   DROVER_AGENT_TLS        auto           auto: TLS unless the listener is on loopback; on; off: only on loopback
 *   DROVER_AGENT_URL        from the above what the join command tells agents to connect to; several: comma between
 *   DROVER_AGENT_BUNDLE     as built       the agent in one file, which hosts that join fetch from that listener
 *   DROVER_PUBLIC_URL       http://localhost:8080  addresses of the dashboard; several: comma between
 *   DROVER_TRUSTED_PROXIES  127.0.0.1,::1  peers whose X-Forwarded-For is believed; addresses or CIDR
 *   DROVER_DAEMON           host name      names this daemon, with a random part, in the lease and in history
 *   DROVER_ADMIN_PASSWORD   random, printed once; of `admin`, made when there is no user yet
 *   DROVER_DEMO             0              1: `system.about` says that this is a demo
 *   DROVER_LOG_LEVEL        info           fatal, error, warn, info, debug, trace, silent
 */
const agentBuilt = fileURLToPath(new URL('../../../apps/agent/dist/main.js', import.meta.url))

const port = z.coerce.number('must be a port number').int('must be a port number').min(0).max(65_535)

const list = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean),
)

const isUrl = (text: string, schemes: string[]) =>
  URL.canParse(text) && schemes.includes(new URL(text).protocol)

const urls = (what: string) =>
  list.refine(
    (all) => all.length > 0 && all.every((text) => isUrl(text, ['http:', 'https:'])),
    `must be ${what}, such as https://drover.example.org`,
  )

const environment = z.object({
  DATABASE_URL: z
    .string()
    .refine((text) => isUrl(text, ['postgres:', 'postgresql:']), 'must begin with postgresql://')
    .optional(),
  DROVER_DATA: z.string().default('.data'),
  DROVER_SECRET_KEY_FILE: z.string().optional(),
  DROVER_API_HOST: z.string().default('127.0.0.1'),
  DROVER_API_PORT: port.default(8081),
  DROVER_AGENT_HOST: z.string().default('127.0.0.1'),
  DROVER_AGENT_PORT: port.default(8443),
  DROVER_AGENT_TLS: z.enum(['auto', 'on', 'off'], 'must be auto, on or off').default('auto'),
  DROVER_AGENT_URL: urls('the address that agents connect to').optional(),
  DROVER_AGENT_BUNDLE: z.string().default(agentBuilt),
  DROVER_PUBLIC_URL: urls('the address of the dashboard').default(['http://localhost:8080']),
  DROVER_TRUSTED_PROXIES: list.default(['127.0.0.1', '::1']),
  DROVER_DAEMON: z.string().min(1).max(100).optional(),
  DROVER_ADMIN_PASSWORD: z.string().min(8, 'must have at least 8 characters').optional(),
  DROVER_DEMO: z.enum(['0', '1'], 'must be 0 or 1').default('0'),
  DROVER_LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], 'is not a level of the log')
    .default('info'),
})

export interface Config {
  databaseUrl: string | null
  dataDir: string
  secretKeyPath: string
  api: { host: string; port: number }
  agents: { host: string; port: number; tls: boolean; urls: string[]; bundle: string }
  publicUrls: string[]
  trustedProxies: string[]
  daemon: string
  adminPassword: string | null
  demo: boolean
  logLevel: string
}

/** The environment is wrong; the message names every variable and what it must be. */
export class ConfigError extends Error {}

const loopback = new Set(['127.0.0.1', '::1', 'localhost'])

/** Reads and checks the environment. Empty values count as unset. Throws `ConfigError`. */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const parsed = environment.safeParse(given)
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}.`)
    throw new ConfigError(`The environment is wrong:\n${lines.join('\n')}`)
  }
  const e = parsed.data
  const onLoopback = loopback.has(e.DROVER_AGENT_HOST)
  if (e.DROVER_AGENT_TLS === 'off' && !onLoopback) {
    throw new ConfigError(
      `DROVER_AGENT_TLS=off is allowed on loopback only, and DROVER_AGENT_HOST is ${e.DROVER_AGENT_HOST}. Leave TLS on: it needs no set-up.`,
    )
  }
  const tls = e.DROVER_AGENT_TLS === 'on' || (e.DROVER_AGENT_TLS === 'auto' && !onLoopback)
  const agentHost = onLoopback ? e.DROVER_AGENT_HOST : hostname()
  return {
    databaseUrl: e.DATABASE_URL ?? null,
    dataDir: resolve(e.DROVER_DATA),
    secretKeyPath: resolve(e.DROVER_SECRET_KEY_FILE ?? join(e.DROVER_DATA, 'secret.key')),
    api: { host: e.DROVER_API_HOST, port: e.DROVER_API_PORT },
    agents: {
      host: e.DROVER_AGENT_HOST,
      port: e.DROVER_AGENT_PORT,
      tls,
      urls: e.DROVER_AGENT_URL ?? [
        `${tls ? 'https' : 'http'}://${bracketed(agentHost)}:${e.DROVER_AGENT_PORT}`,
      ],
      bundle: resolve(e.DROVER_AGENT_BUNDLE),
    },
    publicUrls: e.DROVER_PUBLIC_URL.map((url) => new URL(url).origin),
    trustedProxies: e.DROVER_TRUSTED_PROXIES,
    // New at every start: a term has one holder only.
    daemon: `${e.DROVER_DAEMON ?? hostname()}-${randomBytes(3).toString('hex')}`,
    adminPassword: e.DROVER_ADMIN_PASSWORD ?? null,
    demo: e.DROVER_DEMO === '1',
    logLevel: e.DROVER_LOG_LEVEL,
  }
}

const bracketed = (host: string) => (host.includes(':') ? `[${host}]` : host)

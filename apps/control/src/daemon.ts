import { randomBytes, randomUUID } from 'node:crypto'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { About } from '@drover/api'
import { type Clock, type Control, createControl, type Log } from '@drover/control'
import { accept } from '@drover/engine'
import { fenceAgents } from '@drover/fencing/agents'
import type { EventBody } from '@drover/model'
import { deployMigrations } from '@drover/store/postgres'
import { prismaStore } from '@drover/store/prisma'
import type { Logger } from 'pino'
import { accountsIn } from './account/accounts'
import { createAuth } from './account/auth'
import { accountDatabase } from './account/database'
import { ensureAdmin } from './account/first-admin'
import { secretsIn } from './account/secrets'
import { rememberedSessions } from './account/sessions'
import { agentCertificate } from './agent/certificate'
import { createHub } from './agent/hub'
import { backtestThreads } from './backtest/thread'
import type { Config } from './config'
import { openDatabase } from './database/open'
import { reachable } from './database/reachable'
import { reaches } from './fence/reach'
import { secretsWithKey } from './fence/secrets'
import { trustedProxies } from './http/address'
import { type ApiParts, createApiServer } from './http/server'
import { leadFollower } from './lead'
import { createBrowsers } from './live/browsers'
import { createMetrics } from './metrics/metrics'
import { planningThread } from './plan/planner'
import { version } from './version'

export interface Daemon {
  control: Control
  /** Where it listens for the API. */
  apiUrl: string
  /** Ends everything and gives the lead up; within two seconds. */
  stop(): Promise<void>
}

const MIGRATIONS = fileURLToPath(new URL('../../../prisma/migrations', import.meta.url))

/**
 * Wires one control daemon: answers health checks at once, waits for the database, then leads or stands by.
 * `announce` is for people at the terminal. Rejects when it cannot listen or the database is a newer version's.
 */
export async function startDaemon(
  config: Config,
  log: Logger,
  announce: (line: string) => void,
): Promise<Daemon> {
  const startedAt = Date.now()
  const metrics = createMetrics()
  const proxies = trustedProxies(config.trustedProxies)
  let parts: ApiParts | null = null
  let stopped = false

  const server = createApiServer({ proxies, publicUrls: config.publicUrls, metrics, log, parts: () => parts })
  const browsers = createBrowsers(server, {
    proxies,
    publicUrls: config.publicUrls,
    metrics,
    sessions: () => (parts?.control.health().leading ? parts.sessions : null),
  })
  await listen(server, config.api)

  const opened = await openDatabase(config, (message) => log.info(message))
  const failed = async (error: unknown): Promise<never> => {
    await opened.close()
    throw error
  }
  await reachable(() => deployMigrations(opened.url, MIGRATIONS), log).catch(failed)
  const database = accountDatabase(opened.url)
  const secrets = secretsIn(database)
  const secret = await reachable(() => secrets.get('auth', () => randomBytes(32).toString('base64url')), log)
  const certificate = config.agents.tls ? await reachable(() => agentCertificate(secrets), log) : null
  const store = prismaStore({ url: opened.url, log: logPort(log) })
  const planner = planningThread(logPort(log))
  const backtester = backtestThreads(opened.url, logPort(log))
  const control = createControl({
    daemon: config.daemon,
    clock,
    random: { uuid: () => randomUUID(), hex: (bytes) => randomBytes(bytes).toString('hex') },
    log: logPort(log),
    store,
    fencing: fenceAgents({ log: logPort(log) }),
    secrets: await secretsWithKey(config.secretKeyPath),
    planner,
    backtester,
    reaches,
    onAgentRefused: metrics.agentRefused,
  })

  const auth = createAuth({ database, secret, publicUrls: config.publicUrls })
  const sessions = rememberedSessions(auth, database, Date.now)
  const accounts = accountsIn({ database, auth, sessions })
  const about: About = {
    version,
    daemon: config.daemon,
    database: opened.label,
    startedAt,
    demo: config.demo,
    agentUrls: config.agents.urls,
    agentFingerprint: certificate?.fingerprint ?? null,
    agentPublicKeyPin: certificate?.publicKeyPin ?? null,
  }
  const record = (body: EventBody) => {
    control
      .propose({ kind: 'drover' }, (_world, { initiator }) => accept([{ body, initiator, rows: [] }], null))
      .then((answer) => !answer.ok && log.warn({ body }, 'an event about accounts could not be kept'))
      .catch((error) => log.error({ err: error }, 'an event about accounts could not be kept'))
  }
  parts = { control, auth, accounts, sessions, about, record }

  const hub = createHub({ control, ...config.agents, certificate, metrics, log })
  const follow = leadFollower({
    async taken() {
      hub.open()
      const first = await reachable(() => ensureAdmin(accounts, config.adminPassword), log)
      if (!first.made) return
      record({ kind: 'user.created', user: 'admin', role: 'admin' })
      if (first.password) announce(`First start: sign in as admin with the password ${first.password}`)
    },
    async lost() {
      browsers.disconnect()
      await hub.close()
    },
    failed: (error) => log.error({ err: error }, 'a change of the lead could not be followed'),
  })
  const silence = () => {}
  control.subscribe(browsers.sink)
  control.subscribe({ patch: silence, usage: silence, progress: silence, health: (h) => follow(h.leading) })
  await reachable(() => control.start(), log).catch(failed)
  follow(control.health().leading)

  const { port } = server.address() as AddressInfo
  const apiUrl = `http://${config.api.host.includes(':') ? `[${config.api.host}]` : config.api.host}:${port}`
  announce(`Control daemon ${config.daemon} answers at ${apiUrl}`)

  return {
    control,
    apiUrl,
    async stop() {
      if (stopped) return
      stopped = true
      await control.stop()
      await Promise.all([hub.close(), browsers.close(), planner.stop(), backtester.stop()])
      server.closeAllConnections()
      await Promise.all([store.close(), database.$disconnect()])
      await opened.close()
    },
  }
}

const clock: Clock = {
  now: Date.now,
  setTimer(ms, run) {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
}

function logPort(log: Logger): Log {
  return {
    info: (message, fields) => log.info(fields ?? {}, message),
    warn: (message, fields) => log.warn(fields ?? {}, message),
    error: (message, fields) => log.error(fields ?? {}, message),
  }
}

function listen(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'another program listens there' : error.message
      reject(
        new Error(`Cannot listen on ${host}:${port}: ${why}. Choose another port by DROVER_API_PORT.`, {
          cause: error,
        }),
      )
    })
    server.listen(port, host, resolve)
  })
}

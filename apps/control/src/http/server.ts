import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type About, type Accounts, appRouter } from '@drover/api'
import type { Control } from '@drover/control'
import { sayRefusal, type User } from '@drover/model'
import { nodeHTTPRequestHandler } from '@trpc/server/adapters/node-http'
import type { Logger } from 'pino'
import { type Sessions, usesCookie } from '../account/sessions'
import type { Metrics } from '../metrics/metrics'
import { askedHost, callerAddress, type Proxies } from './address'
import { answer } from './answer'
import { type AuthParts, handleAuth, headersOf } from './auth'
import { originAllowed } from './origin'

/** What there is once the database has been reached; until then only the health is answered. */
export interface ApiParts extends AuthParts {
  control: Control
  accounts: Accounts
  sessions: Sessions
  about: About
}

export interface ServerOptions {
  proxies: Proxies
  publicUrls: string[]
  metrics: Metrics
  log: Logger
  parts(): ApiParts | null
}

const BODY_LIMIT = 1_000_000

/** The listener for dashboard, CLI and health checks. */
export function createApiServer(options: ServerOptions): Server {
  const { proxies, publicUrls, metrics, log } = options

  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '/').split('?')[0] as string
    const parts = options.parts()
    if (path === '/api/health') return answer(response, 200, healthOf(parts))
    if (path === '/api/metrics') return serveMetrics(request, response)
    if (!parts)
      return answer(response, 503, { message: 'This control daemon is starting. Try again in a moment.' })
    if (!parts.control.health().leading) {
      const refusal = { code: 'not_leading' } as const
      return answer(response, 503, { message: sayRefusal(refusal), refusals: [refusal] })
    }

    const caller = { address: callerAddress(request, proxies), host: askedHost(request, proxies), path }
    const headers = headersOf(request)
    const { origin } = request.headers
    const changes = request.method !== 'GET' && request.method !== 'HEAD'
    const foreign = origin !== undefined || usesCookie(headers)
    if (changes && foreign && !originAllowed(origin, caller.host, publicUrls)) {
      const message =
        'This request comes from another site than the dashboard. Open the dashboard by its own address.'
      return answer(response, 403, { message })
    }
    if (path.startsWith('/api/auth/')) return handleAuth(parts, request, response, caller)
    if (path.startsWith('/api/trpc/')) return serveApi(parts, request, response, caller.address, headers)
    answer(response, 404, { message: 'There is nothing at this address.' })
  }

  async function serveApi(
    parts: ApiParts,
    req: IncomingMessage,
    res: ServerResponse,
    sourceAddress: string,
    headers: Headers,
  ): Promise<void> {
    let user: User | null
    try {
      user = await parts.sessions.identify(headers)
    } catch (error) {
      log.warn({ err: error }, 'a session could not be looked up')
      const refusal = { code: 'database_away', sinceAt: null } as const
      const message = `Your sign-in cannot be checked now. ${sayRefusal(refusal)}`
      return answer(res, 503, { message, refusals: [refusal] })
    }
    const { control, accounts, about } = parts
    await nodeHTTPRequestHandler({
      router: appRouter,
      req,
      res,
      path: (req.url ?? '').split('?')[0]!.slice('/api/trpc/'.length),
      maxBodySize: BODY_LIMIT,
      // What is asked can be longer than an address may be; then it comes by POST, under the same rules as changes.
      allowMethodOverride: true,
      createContext: async () => ({ control, accounts, about, user, sourceAddress, now: Date.now }),
      onError: ({ error, path }) => {
        if (error.code === 'INTERNAL_SERVER_ERROR')
          log.error({ err: error.cause ?? error, path }, 'a procedure failed')
      },
    })
  }

  async function serveMetrics(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const local = ['127.0.0.1', '::1', '::ffff:127.0.0.1'].includes(request.socket.remoteAddress ?? '')
    const signedIn = async () => (await options.parts()?.sessions.identify(headersOf(request))) ?? null
    if (!(local && !request.headers['x-forwarded-for']) && !(await signedIn())) {
      return answer(response, 401, { message: 'Ask from this machine, or with an API key.' })
    }
    response.setHeader('content-type', metrics.contentType)
    response.end(await metrics.text())
  }

  return createServer((request, response) => {
    route(request, response).catch((error) => {
      log.error({ err: error, url: request.url }, 'a request failed')
      if (response.headersSent) return response.destroy()
      answer(response, 500, { message: 'The control daemon failed at this; its log says why.' })
    })
  })
}

function healthOf(parts: ApiParts | null) {
  return parts?.control.health() ?? { leading: false, term: 0, seq: 0, databaseAwaySince: null }
}

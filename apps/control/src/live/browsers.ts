import type { Server as HttpServer, IncomingMessage } from 'node:http'
import type { BrowserSink } from '@drover/control'
import { type Health, sayRefusal, type ToBrowser } from '@drover/model'
import { Server } from 'socket.io'
import type { Sessions } from '../account/sessions'
import { askedHost, type Proxies } from '../http/address'
import { headersOf } from '../http/auth'
import { originAllowed } from '../http/origin'
import type { Metrics } from '../metrics/metrics'

export interface BrowserOptions {
  proxies: Proxies
  publicUrls: string[]
  metrics: Metrics
  /** Null while the daemon starts or stands by: nobody can be told anything. */
  sessions(): Sessions | null
}

export interface Browsers {
  /** Everybody who listens, as one: what is said to it is serialised once. */
  sink: BrowserSink
  /** Sends everybody away; they come back to whoever leads. */
  disconnect(): void
  close(): Promise<void>
}

/** How often it is looked up whether those who listen are still signed in. */
const RECHECK_MS = 30_000

/** The namespace `/live`: browsers and followers, let in by the same cookie or key as the API. */
export function createBrowsers(http: HttpServer, options: BrowserOptions): Browsers {
  const { proxies, publicUrls, metrics } = options
  const io = new Server<Record<string, never>, ToBrowser>(http, {
    serveClient: false,
    transports: ['websocket'],
    perMessageDeflate: false,
    maxHttpBufferSize: 10_000,
    // A browser whose line has died in silence says so within 10 s, not within 45.
    pingInterval: 5_000,
    pingTimeout: 5_000,
    // Pages of other sites can open websockets, and the browser adds our cookie.
    allowRequest: (request: IncomingMessage, callback) => {
      const { origin } = request.headers
      callback(null, origin === undefined || originAllowed(origin, askedHost(request, proxies), publicUrls))
    },
  })
  const live = io.of('/live')
  let latest: Health | null = null

  live.use(async (socket, next) => {
    const sessions = options.sessions()
    if (!sessions) return next(new Error(sayRefusal({ code: 'not_leading' })))
    try {
      const user = await sessions.identify(headersOf(socket.handshake))
      next(user ? undefined : new Error('You are not signed in. Sign in and try again.'))
    } catch {
      next(new Error(sayRefusal({ code: 'database_away', sinceAt: null })))
    }
  })
  live.on('connection', (socket) => {
    metrics.browsers(live.sockets.size)
    // Who comes while the database is away has to hear of it, too.
    if (latest) socket.emit('health', latest)
    const recheck = setInterval(async () => {
      const user = await options
        .sessions()
        ?.identify(headersOf(socket.handshake))
        .catch(() => undefined)
      if (user === null) socket.disconnect(true)
    }, RECHECK_MS)
    socket.on('disconnect', () => {
      clearInterval(recheck)
      metrics.browsers(live.sockets.size)
    })
  })

  return {
    sink: {
      patch: (patch) => {
        metrics.commit(patch.events.length)
        live.emit('patch', patch)
      },
      usage: (usage) => void live.volatile.emit('usage', usage),
      progress: (progress) => void live.emit('progress', progress),
      health: (health) => {
        latest = health
        live.emit('health', health)
      },
    },
    disconnect: () => live.disconnectSockets(true),
    close: () => io.close(),
  }
}

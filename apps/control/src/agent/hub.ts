import { createServer, type Server as HttpServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { Control } from '@drover/control'
import { maxMessageBytes } from '@drover/protocol'
import type { Logger } from 'pino'
import { Server, type Socket } from 'socket.io'
import type { Metrics } from '../metrics/metrics'
import { agentBundle } from './bundle'
import type { Certificate } from './certificate'

export interface HubOptions {
  control: Control
  host: string
  port: number
  /** Null: plain, for loopback. */
  certificate: Certificate | null
  /** The built agent, which hosts that join fetch from here. */
  bundle: string
  metrics: Metrics
  log: Logger
}

/** The listener for agents. Open while this daemon leads; closed, so that agents look for the one that does. */
export interface Hub {
  open(): void
  close(): Promise<void>
}

const ANSWER_MS = 10_000
const RETRY_MS = 200

/** The agent itself for those that join, and the namespace `/agent`: carries messages between agents' sockets and control, and understands none of them. */
export function createHub(options: HubOptions): Hub {
  const { control, host, port, certificate, metrics, log } = options
  const serve = agentBundle(options.bundle)
  let running: { http: HttpServer; io: Server } | null = null
  let retry: NodeJS.Timeout | undefined

  function start(): void {
    const http = certificate
      ? createTlsServer({ key: certificate.key, cert: certificate.cert, minVersion: 'TLSv1.3' }, serve)
      : createServer(serve)
    const io = new Server(http, {
      serveClient: false,
      transports: ['websocket'],
      perMessageDeflate: false,
      maxHttpBufferSize: maxMessageBytes,
      pingInterval: 5_000,
      pingTimeout: 10_000,
    })
    io.of('/agent').on('connection', (socket) => {
      attach(socket)
      metrics.agents(io.of('/agent').sockets.size)
      socket.on('disconnect', () => metrics.agents(io.of('/agent').sockets.size))
    })
    running = { http, io }
    http.on('error', (error: NodeJS.ErrnoException) => {
      // The daemon that led until now may not have let go of the port yet.
      log.warn(`agents cannot be listened for on ${host}:${port}: ${error.code}; trying again`)
      running = null
      retry = setTimeout(start, RETRY_MS)
    })
    http.listen(port, host, () => log.info(`agents are listened for on ${host}:${port}`))
  }

  function attach(socket: Socket): void {
    const gone = new Promise<never>((_, reject) => {
      socket.on('disconnect', () => reject(new Error('the line broke')))
    })
    gone.catch(() => {})
    const asked = (event: string, message: unknown): Promise<unknown> =>
      Promise.race([socket.timeout(ANSWER_MS).emitWithAck(event, message), gone])

    const session = control.agentConnected({
      peer: socket.handshake.address.replace(/^::ffff:/, ''),
      challenge: (message) => void socket.emit('challenge', message),
      command: (message) => asked('command', message),
      cancel: (message) => void socket.emit('cancel', message),
      heard: (message) => void socket.emit('heard', message),
      duties: (message) => void socket.emit('duties', message),
      ask: (message) => asked('ask', message),
      close: (why) => {
        log.debug({ peer: socket.handshake.address }, `a line to an agent is closed: ${why}`)
        socket.disconnect(true)
      },
    })
    socket.onAny((event: string, payload: unknown, answer: unknown) => {
      const began = event === 'heartbeat' ? performance.now() : 0
      session.receive(event, payload, typeof answer === 'function' ? (reply) => answer(reply) : undefined)
      if (event === 'heartbeat') metrics.heartbeat((performance.now() - began) / 1000)
    })
    socket.on('disconnect', (_reason, cause: unknown) => {
      // The websocket ends itself on a message above the limit; how much longer it would have been is not known.
      if (/max payload size/i.test(String(cause))) session.oversize(maxMessageBytes + 1)
      session.closed()
    })
  }

  return {
    open() {
      if (!running) start()
    },
    async close() {
      clearTimeout(retry)
      const was = running
      running = null
      if (!was) return
      was.io.disconnectSockets(true)
      const closed = was.io.close()
      was.http.closeAllConnections()
      await closed
    },
  }
}

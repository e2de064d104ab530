import type { ControlLine, Dial, LineEnd } from '@drover/agent'
import { io, type Socket } from 'socket.io-client'
import { parsePin, pinned } from './pin'

const loopback = /^(localhost|127(\.\d+){3}|\[::1\])$/

/** Throws when a server is one that secrets must not be told: plain, and not on this machine. */
export function checkServers(servers: string[]): void {
  for (const server of servers) {
    const url = new URL(server)
    if (url.protocol === 'https:') continue
    if (url.protocol !== 'http:') throw new Error(`${server}: the address must begin with https://.`)
    if (!loopback.test(url.hostname)) {
      throw new Error(`${server} is not on this machine: use https:// and the pin from the join command.`)
    }
  }
}

/** Lines by socket.io over a websocket, to the servers in turn: the one that does not answer now is tried last. */
export function socketDial(options: { servers: string[]; pin: string | null }): Dial {
  checkServers(options.servers)
  const pin = options.pin === null ? null : parsePin(options.pin)
  let turn = 0
  return (end) => open(new URL(options.servers[turn++ % options.servers.length]!), pin, end, () => turn--)
}

function open(url: URL, pin: string | null, end: LineEnd, welcome: () => void): ControlLine {
  let socket: Socket | null = null
  let over = false
  const finish = (why: string) => {
    if (over) return
    over = true
    socket?.disconnect()
    socket?.removeAllListeners()
    end.closed(why)
  }
  const connect = async () => {
    const tls = url.protocol === 'https:' && pin !== null ? await pinned(url, pin) : {}
    if (over) return
    const made = io(new URL('/agent', url).href, {
      transports: ['websocket'],
      reconnection: false,
      forceNew: true,
      perMessageDeflate: undefined,
      timeout: 10_000,
      ...(tls as object),
    })
    socket = made
    // Heard from once, it is the one to come back to.
    made.once('connect', welcome)
    made.on('connect_error', (error) => finish(`${url.host}: ${reason(error)}`))
    made.on('disconnect', (why) => finish(`${url.host}: ${why}`))
    made.onAny((event: string, payload: unknown, answer: unknown) => {
      end.receive(event, payload, typeof answer === 'function' ? (reply) => answer(reply) : undefined)
    })
  }
  connect().catch((error: Error) => finish(error.message))
  return {
    send(event, message) {
      // What is said every second is not kept for later.
      if (socket?.connected) socket.volatile.emit(event, message)
    },
    async request(event, message) {
      if (!socket?.connected) throw new Error('the line is not open')
      return socket.emitWithAck(event, message)
    },
    close: finish,
  }
}

function reason(error: Error & { description?: { message?: string } }): string {
  return error.description?.message ?? error.message
}

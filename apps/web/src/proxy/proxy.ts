import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { createProxyServer } from 'http-proxy-3'
import type { LeaderFinder } from './leader'

const prefixes = ['/api/', '/socket.io/']

/** Whether a request is control's to answer; everything else is a page. */
export function isForControl(url: string | undefined): boolean {
  return prefixes.some((prefix) => url?.startsWith(prefix))
}

/** Shown to people by the dashboard, and to programs as JSON. */
export const nobodyLeads =
  'No control daemon is leading at the moment. VMs are not affected; this page goes on by itself as soon as one leads.'

/**
 * Passes requests and websockets on to whichever control daemon leads, so that the browser has one origin and a
 * take-over does not show in the address bar. Answers 503 with a sentence while none leads.
 */
export function createControlProxy(leader: LeaderFinder) {
  const proxy = createProxyServer({ xfwd: false, proxyTimeout: 120_000 })
  const lines = new Map<Duplex, string>()
  // Whoever is still joined to a daemon that no longer leads is sent to the one that does.
  leader.onTakeOver((url) => {
    for (const [socket, target] of lines) if (target !== url) socket.destroy()
  })

  function decorate(request: IncomingMessage): void {
    // What a browser claims about its own address is dropped: the rate limit of sign-in counts by it.
    const encrypted = request.headers['x-forwarded-proto'] === 'https' && process.env.TRUST_PROXY === '1'
    if (process.env.TRUST_PROXY !== '1' || !request.headers['x-forwarded-for']) {
      request.headers['x-forwarded-for'] = request.socket.remoteAddress ?? ''
    }
    request.headers['x-forwarded-host'] = request.headers.host ?? ''
    request.headers['x-forwarded-proto'] = encrypted ? 'https' : 'http'
  }

  return {
    /** Answers one request from the leader. */
    web(request: IncomingMessage, response: ServerResponse): void {
      const target = leader.current()
      if (!target) {
        refuse(response)
        return
      }
      decorate(request)
      proxy.web(request, response, { target }, () => {
        void leader.suspect(target)
        refuse(response)
      })
    },
    /** Joins a websocket to the leader; a line that cannot be made is closed, and the browser tries again. */
    upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
      const target = leader.current()
      socket.on('error', () => socket.destroy())
      if (!target) {
        socket.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n')
        return
      }
      lines.set(socket, target)
      socket.once('close', () => lines.delete(socket))
      decorate(request)
      proxy.ws(request, socket as never, head, { target }, () => {
        void leader.suspect(target)
        socket.destroy()
      })
    },
  }
}

function refuse(response: ServerResponse): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  response.writeHead(503, {
    'content-type': 'application/json',
    'retry-after': '1',
    'cache-control': 'no-store',
  })
  response.end(JSON.stringify({ message: nobodyLeads }))
}

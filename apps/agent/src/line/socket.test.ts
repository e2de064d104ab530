import { X509Certificate } from 'node:crypto'
import { createServer, type Server as HttpServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { LineEnd } from '@drover/agent'
import { generate } from 'selfsigned'
import { Server, type Socket } from 'socket.io'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { checkServers, socketDial } from './socket'

const open: { io: Server; http: HttpServer }[] = []
afterEach(async () => {
  for (const { io } of open.splice(0)) await io.close()
})

async function serve(tls?: { key: string; cert: string }): Promise<{ port: number; sockets: Socket[] }> {
  const http = tls ? createTlsServer({ ...tls, minVersion: 'TLSv1.3' }) : createServer()
  const io = new Server(http, { transports: ['websocket'] })
  open.push({ io, http })
  const sockets: Socket[] = []
  io.of('/agent').on('connection', (socket) => {
    sockets.push(socket)
    socket.on('hello', (_message, answer) => answer({ term: 1 }))
    socket.emit('challenge', { nonce: 'n' })
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  return { port: (http.address() as AddressInfo).port, sockets }
}

function listen() {
  const heard: [string, unknown][] = []
  const closed: string[] = []
  const end: LineEnd = {
    receive(event, payload, answer) {
      heard.push([event, payload])
      answer?.({ accepted: true })
    },
    closed: (why) => closed.push(why),
  }
  return { heard, closed, end }
}

const certificate = () =>
  generate([{ name: 'commonName', value: 'Drover somewhere' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
  })

describe('a line by socket.io', () => {
  test('carries events, questions and answers both ways, and says once that it closed', async () => {
    const { port, sockets } = await serve()
    const { heard, closed, end } = listen()
    const line = socketDial({ servers: [`http://127.0.0.1:${port}`], pin: null })(end)
    await vi.waitFor(() => expect(heard).toEqual([['challenge', { nonce: 'n' }]]))
    expect(await line.request('hello', {})).toEqual({ term: 1 })
    expect(await sockets[0]!.emitWithAck('command', { id: 'x' })).toEqual({ accepted: true })
    const asked = line.request('report', {})
    sockets[0]!.disconnect(true)
    await expect(asked).rejects.toThrow()
    await vi.waitFor(() => expect(closed).toHaveLength(1))
    line.close('again')
    expect(closed).toHaveLength(1)
    await expect(line.request('report', {})).rejects.toThrow('not open')
  })

  test('says why nobody answers, and tries the next server after that', async () => {
    const { port } = await serve()
    const dead = await serve()
    await open.pop()!.io.close()
    const dial = socketDial({
      servers: [`http://127.0.0.1:${dead.port}`, `http://127.0.0.1:${port}`],
      pin: null,
    })
    const first = listen()
    dial(first.end)
    await vi.waitFor(() => expect(first.closed[0]).toContain('ECONNREFUSED'))
    const second = listen()
    dial(second.end).close
    await vi.waitFor(() => expect(second.heard).toHaveLength(1))
    const third = listen()
    dial(third.end)
    await vi.waitFor(() => expect(third.heard).toHaveLength(1))
  })
})

describe('TLS', () => {
  test('with the pinned certificate it talks', async () => {
    const made = await certificate()
    const { port } = await serve({ key: made.private, cert: made.cert })
    const pin = `sha256:${new X509Certificate(made.cert).fingerprint256}`
    const { heard, end } = listen()
    const line = socketDial({ servers: [`https://127.0.0.1:${port}`], pin })(end)
    await vi.waitFor(() => expect(heard).toHaveLength(1), { timeout: 5_000 })
    expect(await line.request('hello', {})).toEqual({ term: 1 })
  })

  test('with another certificate it says nothing', async () => {
    const made = await certificate()
    const other = await certificate()
    const { port, sockets } = await serve({ key: made.private, cert: made.cert })
    const pin = `sha256:${new X509Certificate(other.cert).fingerprint256}`
    const { closed, end } = listen()
    socketDial({ servers: [`https://127.0.0.1:${port}`], pin })(end)
    await vi.waitFor(() => expect(closed[0]).toContain('another certificate'))
    expect(sockets).toHaveLength(0)
  })

  test('without a pin a certificate that nobody vouches for is refused', async () => {
    const made = await certificate()
    const { port, sockets } = await serve({ key: made.private, cert: made.cert })
    const { closed, end } = listen()
    socketDial({ servers: [`https://127.0.0.1:${port}`], pin: null })(end)
    await vi.waitFor(() => expect(closed[0]).toMatch(/self.signed/i))
    expect(sockets).toHaveLength(0)
  })

  test('plain is for this machine only', () => {
    expect(() => checkServers(['http://127.0.0.1:1', 'http://localhost:1', 'http://[::1]:1'])).not.toThrow()
    expect(() => checkServers(['http://10.0.0.1:8443'])).toThrow('use https://')
    expect(() => checkServers(['ftp://10.0.0.1'])).toThrow('https://')
  })
})

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Patch } from '@drover/model'
import { io, type Socket } from 'socket.io-client'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Sessions } from '../account/sessions'
import { trustedProxies } from '../http/address'
import { createMetrics } from '../metrics/metrics'
import { type Browsers, createBrowsers } from './browsers'

const patch: Patch = { term: 1, fromSeq: 4, toSeq: 5, events: [] }

describe('the live line of browsers', () => {
  let server: Server
  let browsers: Browsers
  let leading: boolean
  const sockets: Socket[] = []
  const sessions: Sessions = {
    identify: async (headers) =>
      headers.get('cookie') === 'good' ? { id: 'u', name: 'anna', role: 'auditor' } : null,
    forgetUser() {},
    forget() {},
  }

  beforeEach(async () => {
    leading = true
    server = createServer()
    browsers = createBrowsers(server, {
      proxies: trustedProxies([]),
      publicUrls: ['https://drover.example'],
      metrics: createMetrics(),
      sessions: () => (leading ? sessions : null),
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  })
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.close()
    await browsers.close()
  })

  const dial = (extraHeaders: Record<string, string>) => {
    const { port } = server.address() as AddressInfo
    const socket = io(`http://127.0.0.1:${port}/live`, {
      transports: ['websocket'],
      extraHeaders,
      reconnection: false,
      forceNew: true,
    })
    sockets.push(socket)
    return new Promise<Socket | string>((resolve) => {
      socket.on('connect', () => resolve(socket))
      socket.on('connect_error', (error) => resolve(error.message))
    })
  }

  it('tells those who are signed in, and nobody else', async () => {
    expect(await dial({})).toMatch(/not signed in/)
    const socket = await dial({ cookie: 'good' })
    if (typeof socket === 'string') throw new Error(socket)
    const heard: unknown[] = []
    socket.onAny((event, payload) => heard.push([event, payload]))
    browsers.sink.patch(patch)
    await vi.waitFor(() => expect(heard).toEqual([['patch', patch]]))
  })

  it('is closed to pages of other sites, whose cookies the browser would add', async () => {
    expect(await dial({ cookie: 'good', origin: 'https://evil.example' })).toBe('websocket error')
    expect(await dial({ cookie: 'good', origin: 'https://drover.example' })).not.toBeTypeOf('string')
  })

  it('sends everybody away when the lead is lost, and lets nobody in', async () => {
    const socket = await dial({ cookie: 'good' })
    if (typeof socket === 'string') throw new Error(socket)
    const gone = new Promise((resolve) => socket.on('disconnect', resolve))
    leading = false
    browsers.disconnect()
    await gone
    expect(await dial({ cookie: 'good' })).toMatch(/standby/)
  })
})

import { createHash, X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import type { AgentLine, AgentSession, Control } from '@drover/control'
import { maxMessageBytes } from '@drover/protocol'
import pino from 'pino'
import { io, type Socket } from 'socket.io-client'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import { createMetrics } from '../metrics/metrics'
import { agentCertificate } from './certificate'
import { createHub, type Hub } from './hub'

const log = pino({ level: 'silent' })

/** A control that keeps what its lines bring. */
function listener() {
  const lines: { line: AgentLine; said: unknown[]; oversized: number[]; closed: boolean }[] = []
  const agentConnected = (line: AgentLine): AgentSession => {
    const kept = { line, said: [] as unknown[], oversized: [] as number[], closed: false }
    lines.push(kept)
    line.challenge({ nonce: 'n'.repeat(32), protocol: 1 })
    return {
      receive(event, payload, answer) {
        kept.said.push([event, payload])
        answer?.({ received: true })
      },
      oversize: (bytes) => kept.oversized.push(bytes),
      closed: () => {
        kept.closed = true
      },
    }
  }
  return { lines, control: { agentConnected } as unknown as Control }
}

describe('the listener for agents', () => {
  const hubs: Hub[] = []
  const sockets: Socket[] = []
  const dir = mkdtempSync(join(tmpdir(), 'drover-hub-'))
  const bundle = join(dir, 'agent.mjs')
  afterAll(() => rmSync(dir, { recursive: true }))
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.close()
    for (const hub of hubs.splice(0)) await hub.close()
  })

  const open = (
    port: number,
    control: Control,
    certificate: Parameters<typeof createHub>[0]['certificate'] = null,
  ) => {
    const options = { control, host: '127.0.0.1', port, certificate, bundle, metrics: createMetrics(), log }
    const hub = createHub(options)
    hubs.push(hub)
    hub.open()
    return hub
  }
  const dial = (url: string) => {
    const socket = io(`${url}/agent`, {
      transports: ['websocket'],
      rejectUnauthorized: false,
      reconnectionDelay: 50,
    })
    sockets.push(socket)
    return socket
  }

  it('carries messages both ways, with answers', async () => {
    const { lines, control } = listener()
    open(18110, control)
    const agent = dial('http://127.0.0.1:18110')
    agent.on('command', (message, answer) => answer({ accepted: message.id }))
    const challenge = await new Promise((resolve) => agent.once('challenge', resolve))
    expect(challenge).toMatchObject({ protocol: 1 })
    expect(await agent.emitWithAck('report', { n: 1 })).toEqual({ received: true })
    agent.emit('heartbeat', { n: 2 })
    const [kept] = lines
    expect(await kept!.line.command({ id: 'task-1/1' } as never)).toEqual({ accepted: 'task-1/1' })
    await vi.waitFor(() =>
      expect(kept!.said).toEqual([
        ['report', { n: 1 }],
        ['heartbeat', { n: 2 }],
      ]),
    )
    expect(kept!.line.peer).toBe('127.0.0.1')
  })

  it('breaks off a question when the line breaks, without waiting for the deadline', async () => {
    const { lines, control } = listener()
    open(18111, control)
    const agent = dial('http://127.0.0.1:18111')
    await vi.waitFor(() => expect(lines).toHaveLength(1))
    const asked = lines[0]!.line.ask({ what: 'report' })
    agent.close()
    await expect(asked).rejects.toThrow('the line broke')
    await vi.waitFor(() => expect(lines[0]!.closed).toBe(true))
  })

  it('closes the line on a message that is too large, and says so', async () => {
    const { lines, control } = listener()
    open(18112, control)
    const agent = dial('http://127.0.0.1:18112')
    await vi.waitFor(() => expect(lines).toHaveLength(1))
    agent.emit('report', 'x'.repeat(maxMessageBytes + 1_000))
    await vi.waitFor(() => expect(lines[0]!.closed).toBe(true))
    expect(lines[0]!.oversized).toHaveLength(1)
    expect(lines[0]!.said).toEqual([])
  })

  it('waits for a port that another program still holds', async () => {
    const { lines, control } = listener()
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(18113, '127.0.0.1', resolve))
    open(18113, control)
    await new Promise<void>((resolve) => other.close(() => resolve()))
    dial('http://127.0.0.1:18113')
    await vi.waitFor(() => expect(lines).toHaveLength(1), { timeout: 5_000 })
  })

  it('serves the agent, hashed, and says so when it is not there; serves nothing else', async () => {
    open(18115, listener().control)
    const url = 'http://127.0.0.1:18115/drover-agent.mjs'
    const missing = await vi.waitFor(() => fetch(url))
    expect([missing.status, await missing.text()]).toEqual([404, expect.stringContaining('"npm run build"')])

    for (const text of ['the agent', 'the agent, built anew']) {
      writeFileSync(bundle, text)
      const sha256 = createHash('sha256').update(text).digest('hex')
      const got = await fetch(`${url}?x=1`)
      expect([got.status, got.headers.get('etag'), await got.text()]).toEqual([200, `"${sha256}"`, text])
      const head = await fetch(url, { method: 'HEAD' })
      expect(head.headers.get('content-length')).toBe(String(text.length))
      const unchanged = await fetch(url, { headers: { 'if-none-match': `"${sha256}"` } })
      expect(unchanged.status).toBe(304)
    }
    const posted = await fetch(url, { method: 'POST', body: 'x' })
    expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
    for (const other of ['', '/', '/main.js', '/../agent.mjs', '/%2e%2e/agent.mjs']) {
      const answer = await fetch(url.replace('/drover-agent.mjs', other))
      expect([answer.status, await answer.text()]).toEqual([
        404,
        expect.stringContaining('/drover-agent.mjs'),
      ])
    }
  })

  it('shows one certificate for ever, by TLS 1.3, whose fingerprint is what agents are told', async () => {
    const { lines, control } = listener()
    const kept = new Map<string, string>()
    const secrets = {
      get: async (name: string, make: () => Promise<string> | string) => {
        if (!kept.has(name)) kept.set(name, await make())
        return kept.get(name)!
      },
    }
    const certificate = await agentCertificate(secrets)
    expect(await agentCertificate(secrets)).toEqual(certificate)
    open(18114, control, certificate)
    const seen = await vi.waitFor(
      () =>
        new Promise<string[]>((resolve, reject) => {
          const socket = connect({ port: 18114, host: '127.0.0.1', rejectUnauthorized: false }, () => {
            resolve([socket.getProtocol()!, socket.getPeerCertificate().fingerprint256])
            socket.destroy()
          })
          socket.on('error', reject)
        }),
    )
    expect(seen[0]).toBe('TLSv1.3')
    expect(seen[1]!.replaceAll(':', '').toLowerCase()).toBe(certificate.fingerprint)
    expect(new Date(new X509Certificate(certificate.cert).validFrom).getFullYear()).toBeLessThan(2001)
    dial('https://127.0.0.1:18114')
    await vi.waitFor(() => expect(lines).toHaveLength(1))
  })
})

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { LeaderFinder } from './leader'

const open: { close(): unknown }[] = []

afterEach(() => {
  for (const one of open.splice(0)) one.close()
})

async function daemon(leading: boolean) {
  const state = { leading }
  const server: Server = createServer((_, response) => response.end(JSON.stringify(state)))
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  open.push(server)
  return { state, server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

async function finder(...urls: string[]) {
  const leader = new LeaderFinder({ urls, checkMs: 10, searchMs: 5 })
  open.push(leader)
  await leader.start()
  return leader
}

describe('which control daemon leads', () => {
  it('is the one that says so', async () => {
    const [a, b] = [await daemon(false), await daemon(true)]
    expect((await finder(a.url, b.url)).current()).toBe(b.url)
  })

  it('is nobody while nobody says so', async () => {
    const a = await daemon(false)
    expect((await finder(a.url)).current()).toBeNull()
  })

  it('follows a take-over', async () => {
    const [a, b] = [await daemon(true), await daemon(false)]
    const leader = await finder(a.url, b.url)
    expect(leader.current()).toBe(a.url)
    a.state.leading = false
    b.state.leading = true
    await vi.waitFor(() => expect(leader.current()).toBe(b.url))
  })

  it('is told of when it changes, and only then', async () => {
    const [a, b] = [await daemon(true), await daemon(false)]
    const leader = await finder(a.url, b.url)
    const told: string[] = []
    leader.onTakeOver((url) => told.push(url))
    a.state.leading = false
    await vi.waitFor(() => expect(leader.current()).toBeNull())
    a.state.leading = true
    await vi.waitFor(() => expect(leader.current()).toBe(a.url))
    expect(told).toEqual([])
    a.state.leading = false
    b.state.leading = true
    await vi.waitFor(() => expect(told).toEqual([b.url]))
  })

  it('follows a death, at once when told of it', async () => {
    const [a, b] = [await daemon(true), await daemon(false)]
    const leader = await finder(a.url, b.url)
    a.server.closeAllConnections()
    a.server.close()
    b.state.leading = true
    expect(await leader.suspect(a.url)).toBe(b.url)
  })
})

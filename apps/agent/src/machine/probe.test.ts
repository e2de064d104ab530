import { type AddressInfo, createServer, type Server } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { answerProbes, reaches } from './probe'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})
/** Ports that nobody listens on. */
const nobody = { libvirt: 9, ssh: 9 }
const portOf = (server: Server) => {
  servers.push(server)
  return (server.address() as AddressInfo).port
}

test('an agent that runs answers', async () => {
  const port = portOf(await answerProbes('host-1', 0))
  expect(await reaches(`127.0.0.1:${port}`, 1_000)).toBe(true)
  expect(await reaches(`localhost:${port}`, 1_000)).toBe(true)
})

test('a taken connection is no answer, as that of a host that hangs; nor is a refused one', async () => {
  const server = createServer(() => {})
  await new Promise<void>((resolve) => server.listen(0, resolve))
  const port = portOf(server)
  const began = Date.now()
  expect(await reaches(`127.0.0.1:${port}`, 300, nobody)).toBe(false)
  expect(Date.now() - began).toBeLessThan(1_500)
  expect(await reaches('127.0.0.1:9', 300, nobody)).toBe(false)
  expect(await reaches('no-such-host.invalid', 300)).toBe(false)
})

test('a host whose agent is dead still has a shell that speaks, and that is a sign of life', async () => {
  const sshd = createServer((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'))
  await new Promise<void>((resolve) => sshd.listen(0, resolve))
  const ssh = portOf(sshd)
  expect(await reaches('127.0.0.1:9', 1_000, { ...nobody, ssh })).toBe(true)
  const silent = createServer(() => {})
  await new Promise<void>((resolve) => silent.listen(0, resolve))
  expect(await reaches('127.0.0.1:9', 300, { ...nobody, ssh: portOf(silent) })).toBe(false)
})

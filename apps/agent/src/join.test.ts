import { mkdtemp, rm, stat } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join as joinPath } from 'node:path'
import { Server } from 'socket.io'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { configSchema, readConfig } from './config'
import { join } from './join'
import { openKeys } from './keys'

let directory: string
let io: Server
let server: string
let enrolled: unknown[]

beforeEach(async () => {
  directory = await mkdtemp(joinPath(tmpdir(), 'agent-'))
  enrolled = []
  const http = createServer()
  io = new Server(http, { transports: ['websocket'] })
  io.of('/agent').on('connection', (socket) => {
    socket.on('enrol', (message, answer) => {
      enrolled.push(message)
      const good = message.token === 'a-good-token'
      answer(good ? { hostId: 'host-7' } : { refused: 'This join token was used already.' })
    })
    socket.emit('challenge', { nonce: 'n'.repeat(32), protocol: 1 })
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  server = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
})
afterEach(async () => {
  await io.close()
  await rm(directory, { recursive: true })
})

const options = (token: string) => {
  const { datastores, libvirt, reservedMemoryBytes } = configSchema.parse({
    hostId: 'host-1',
    name: 'x',
    address: 'x',
    servers: [server],
    pin: null,
    datastores: [{ name: 'local', path: '/srv/local' }],
  })
  const config = { datastores, libvirt, reservedMemoryBytes }
  return { directory, servers: [server], token, pin: null, name: 'esx-03', address: '10.0.0.3', config }
}

test('a host joins once, with a key that only its agent can read', async () => {
  await join(options('a-good-token'))
  const keys = await openKeys(directory)
  const { publicKey } = keys
  expect(enrolled).toEqual([
    { protocol: 2, token: 'a-good-token', name: 'esx-03', address: '10.0.0.3', publicKey },
  ])
  expect((await stat(joinPath(directory, 'key.pem'))).mode & 0o777).toBe(0o600)
  expect(await readConfig(directory)).toMatchObject({
    hostId: 'host-7',
    name: 'esx-03',
    servers: [server],
    datastores: [{ name: 'local', path: '/srv/local' }],
  })
  expect(await join(options('another-token'))).toMatchObject({ before: true, config: { hostId: 'host-7' } })
  const elsewhere = { ...options('a-good-token'), servers: ['https://other:8443'] }
  await expect(join(elsewhere)).rejects.toThrow(/joined another Drover, at http.*, as esx-03/)
  expect(enrolled).toHaveLength(1)
})

test('a refusal is passed on in words, and leaves the host as it was', async () => {
  await expect(join(options('a-used-token'))).rejects.toThrow('This join token was used already.')
  expect(await readConfig(directory)).toBeNull()
})

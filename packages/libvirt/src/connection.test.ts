import { afterEach, describe, expect, test, vi } from 'vitest'
import { connect } from './connection'
import { ConnectionClosedError, DeadlineError } from './errors'
import { domain } from './protocol/wire'
import type { Frame } from './rpc/frame'
import { type Peer, startFakeServer } from './testing/fake-server'
import { array, bool, encode, int, nothing, struct } from './xdr/codec'

const OPEN = 1
const CLOSE = 2
const SUPPORTS_FEATURE = 60
const AUTH_LIST = 66
const REGISTER = 316
const DEREGISTER = 317
const LIFECYCLE = 318

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup()
})

/** A server that lets clients in; `onFrame` may answer (and return true) instead. */
async function serve(onFrame: (frame: Frame, peer: Peer) => boolean = () => false) {
  let callbackId = 0
  const server = await startFakeServer((frame, peer) => {
    if (onFrame(frame, peer)) return
    if (frame.procedure === AUTH_LIST) peer.reply(frame, encode(struct({ t: array(int, 20) }), { t: [0] }))
    if (frame.procedure === SUPPORTS_FEATURE) peer.reply(frame, encode(bool, true))
    if (frame.procedure === OPEN || frame.procedure === CLOSE) peer.reply(frame, encode(nothing, undefined))
    if (frame.procedure === REGISTER) peer.reply(frame, encode(int, callbackId++))
    if (frame.procedure === DEREGISTER) peer.reply(frame)
  })
  cleanups.push(server.stop)
  return server
}

const calls = (server: { frames: Frame[] }, procedure: number) =>
  server.frames.filter((frame) => frame.procedure === procedure)

describe('connect', () => {
  test('opens the driver that was asked for, and says goodbye', async () => {
    const server = await serve()
    const connection = await connect({ socketPath: server.socketPath, uri: 'test:///default' })
    await connection.close()
    await connection.close()
    expect(await connection.closed).toBeUndefined()
    expect(calls(server, OPEN)[0]?.payload.toString()).toContain('test:///default')
    expect(calls(server, CLOSE)).toHaveLength(1)
  })

  test('refuses when nobody listens, and says where', async () => {
    const error = await connect({ socketPath: '/nonexistent/libvirt-sock' }).catch((e: unknown) => e)
    expect(error).toBeInstanceOf(ConnectionClosedError)
    expect((error as Error).message).toContain('/nonexistent/libvirt-sock')
  })

  test('ends with the deadline when the host is frozen', async () => {
    const server = await serve(() => true)
    await expect(connect({ socketPath: server.socketPath, deadlineMs: 30 })).rejects.toThrow(DeadlineError)
  })

  test('says what to do when libvirtd asks for a password', async () => {
    const server = await serve((frame, peer) => {
      if (frame.procedure !== AUTH_LIST) return false
      peer.reply(frame, encode(struct({ t: array(int, 20) }), { t: [1] }))
      return true
    })
    await expect(connect({ socketPath: server.socketPath })).rejects.toThrow('set auth_unix_rw')
  })

  test('fails with what libvirt says when the driver cannot be opened', async () => {
    const server = await serve((frame, peer) => {
      if (frame.procedure !== OPEN) return false
      peer.refuse(frame, 5, 'no connection driver available')
      return true
    })
    await expect(connect({ socketPath: server.socketPath })).rejects.toMatchObject({ codeName: 'no_connect' })
  })

  test('notices a host that freezes later', async () => {
    let frozen = false
    const server = await serve(() => frozen)
    const keepAlive = { intervalMs: 10, count: 2 }
    const connection = await connect({ socketPath: server.socketPath, keepAlive })
    frozen = true
    expect(await connection.closed).toMatchObject({
      message: expect.stringContaining('was silent for 30 ms'),
    })
    await expect(connection.host.hostname()).rejects.toThrow('was silent')
  })
})

describe('events', () => {
  const web = { name: 'web', uuid: '6695eb01-f6a4-8304-79aa-97f2502e193f', id: 1 }
  const lifecycle = (event: number, detail: number) =>
    encode(struct({ callbackId: int, domain, event: int, detail: int }), {
      callbackId: 0,
      domain: web,
      event,
      detail,
    })

  async function open() {
    let peer: Peer | undefined
    const server = await serve((_, from) => {
      peer = from
      return false
    })
    const connection = await connect({ socketPath: server.socketPath })
    cleanups.unshift(() => connection.close())
    /** Sends events and waits until they were delivered: an answer that comes after them says so. */
    const send = async (...payloads: Buffer[]) => {
      for (const payload of payloads) peer!.event(LIFECYCLE, payload)
      await (await connection.on('reboot', () => undefined))()
    }
    return { server, connection, send }
  }

  test('have names for libvirt numbers and arrive in order', async () => {
    const { connection, send } = await open()
    const seen: string[] = []
    await connection.on('lifecycle', (e) => seen.push(`${e.domain.name} ${e.event} ${e.detail}`))
    await send(lifecycle(2, 0), lifecycle(5, 3), lifecycle(99, 1), lifecycle(5, 77))
    expect(seen).toEqual([
      'web started booted',
      'web stopped migrated',
      'web unknown unknown',
      'web stopped unknown',
    ])
  })

  test('are registered once for many listeners, until the last is gone', async () => {
    const { server, connection, send } = await open()
    const first = vi.fn()
    const second = vi.fn()
    const [stopFirst, stopSecond] = await Promise.all([
      connection.on('lifecycle', first),
      connection.on('lifecycle', second),
    ])
    expect(calls(server, REGISTER)).toHaveLength(1)
    await stopFirst()
    await stopFirst()
    await send(lifecycle(2, 0))
    expect(first).not.toHaveBeenCalled()
    expect(second).toHaveBeenCalledTimes(1)
    const before = calls(server, DEREGISTER).length
    await stopSecond()
    expect(calls(server, DEREGISTER)).toHaveLength(before + 1)
    await connection.on('lifecycle', first)
    await send(lifecycle(2, 0))
    expect(first).toHaveBeenCalledTimes(1)
  })

  test('a registration that fails can be tried again', async () => {
    let refuse = true
    const server = await serve((frame, peer) => {
      if (frame.procedure !== REGISTER || !refuse) return false
      peer.refuse(frame, 3, 'unsupported event ID')
      return true
    })
    const connection = await connect({ socketPath: server.socketPath })
    cleanups.unshift(() => connection.close())
    await expect(connection.on('reboot', () => undefined)).rejects.toMatchObject({ codeName: 'no_support' })
    refuse = false
    const stop = await connection.on('reboot', () => undefined)
    await stop()
    expect(calls(server, REGISTER)).toHaveLength(2)
  })

  test('that are garbage end the connection with the reason', async () => {
    const { connection, send } = await open()
    await send(Buffer.from('0000'))
      .then(() => expect.unreachable())
      .catch((error: unknown) => expect(error).toBeInstanceOf(ConnectionClosedError))
    expect(await connection.closed).toMatchObject({ message: 'undecodable event "lifecycle"' })
  })
})

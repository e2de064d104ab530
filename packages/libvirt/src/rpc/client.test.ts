import { afterEach, describe, expect, test } from 'vitest'
import { ConnectionClosedError, DeadlineError, isLibvirtError, ProtocolError, XdrError } from '../errors'
import { procedure } from '../protocol/procedure'
import { type Peer, startFakeServer } from '../testing/fake-server'
import { decode, encode, int, nothing, struct, text } from '../xdr/codec'
import { RpcClient, type RpcOptions } from './client'
import { encodeFrame, type Frame } from './frame'
import { KEEPALIVE } from './keepalive'
import { openSocket } from './socket'

const number = struct({ number: int })
const double = procedure(1, 'double', number, number)
const ping = procedure(2, 'ping', nothing, nothing)

const cleanups: (() => void)[] = []
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup()
})

/** A client of a fake server. `received(n)` waits until the server has `n` frames. */
async function setUp(onFrame: (frame: Frame, peer: Peer) => void, options: Partial<RpcOptions> = {}) {
  let announce: (() => void) | undefined
  const server = await startFakeServer((frame, peer) => {
    onFrame(frame, peer)
    announce?.()
  })
  const events: [number, Buffer][] = []
  const stream = await openSocket({ socketPath: server.socketPath }, 1000)
  const client = new RpcClient(stream, 'the fake server', {
    deadlineMs: 5000,
    maxInFlight: 4,
    onMessage: (number, payload) => events.push([number, payload]),
    ...options,
  })
  cleanups.push(() => client.close(), server.stop)
  const received = async (count: number) => {
    while (server.frames.length < count) {
      await new Promise<void>((resolve) => {
        announce = resolve
      })
    }
  }
  return { client, server, events, received }
}

const answerDoubled = (frame: Frame, peer: Peer) => {
  const { number: value } = decode(number, frame.payload)
  peer.reply(frame, encode(number, { number: value * 2 }))
}
const silence = () => undefined

describe('calls', () => {
  test('get their own answers, in whatever order they come', async () => {
    const held: [Frame, Peer][] = []
    const { client } = await setUp((frame, peer) => {
      held.push([frame, peer])
      if (held.length === 3) for (const [call, to] of held.reverse()) answerDoubled(call, to)
    })
    const answers = [1, 2, 3].map((value) => client.call(double, { number: value }))
    expect(await Promise.all(answers)).toEqual([{ number: 2 }, { number: 4 }, { number: 6 }])
  })

  test('that libvirt refuses reject with LibvirtError', async () => {
    const { client } = await setUp((frame, peer) => peer.refuse(frame, 42, 'Domain not found'))
    const error = await client.call(ping, undefined).catch((e: unknown) => e)
    expect(error).toMatchObject({
      name: 'LibvirtError',
      code: 42,
      codeName: 'no_domain',
      domain: 10,
      level: 'error',
      message: 'Domain not found',
      procedure: 'ping',
    })
    expect(isLibvirtError(error, 'no_domain')).toBe(true)
    expect(isLibvirtError(error, 'operation_aborted')).toBe(false)
    expect(isLibvirtError(error)).toBe(true)
    expect(client.isOpen).toBe(true)
  })

  test('with arguments that do not fit reject, and nothing is sent', async () => {
    const { client, server } = await setUp(answerDoubled)
    await expect(client.call(double, { number: 0.5 })).rejects.toThrow(XdrError)
    expect(await client.call(double, { number: 4 })).toEqual({ number: 8 })
    expect(server.frames).toHaveLength(1)
  })

  test('with an answer that cannot be decoded reject; the connection lives', async () => {
    let spoiled = false
    const { client } = await setUp((frame, peer) => {
      if (spoiled) answerDoubled(frame, peer)
      else peer.reply(frame, Buffer.from('00'))
      spoiled = true
    })
    await expect(client.call(double, { number: 1 })).rejects.toThrow(ProtocolError)
    expect(await client.call(double, { number: 1 })).toEqual({ number: 2 })
  })

  test('with an error that cannot be decoded reject', async () => {
    const { client } = await setUp((frame, peer) =>
      peer.raw(encodeFrame({ ...frame, type: 1, status: 1, payload: Buffer.from('00') })),
    )
    await expect(client.call(double, { number: 1 })).rejects.toThrow('undecodable error to "double"')
  })

  test('queue when as many are on the wire as libvirtd takes', async () => {
    const held: [Frame, Peer][] = []
    const { client, server, received } = await setUp((frame, peer) => held.push([frame, peer]), {
      maxInFlight: 2,
    })
    const answers = [1, 2, 3].map((value) => client.call(double, { number: value }))
    await received(2)
    expect(server.frames).toHaveLength(2)
    answerDoubled(...held[0]!)
    await answers[0]
    await received(3)
    for (const one of held.slice(1)) answerDoubled(...one)
    expect(await Promise.all(answers)).toEqual([{ number: 2 }, { number: 4 }, { number: 6 }])
  })
})

describe('deadlines', () => {
  test('a call without an answer rejects', async () => {
    const { client } = await setUp(silence)
    const error = await client.call(ping, undefined, { deadlineMs: 20 }).catch((e: unknown) => e)
    expect(error).toBeInstanceOf(DeadlineError)
    expect(error).toMatchObject({ procedure: 'ping', deadlineMs: 20 })
    expect(client.isOpen).toBe(true)
  })

  test('the default is that of the connection', async () => {
    const { client } = await setUp(silence, { deadlineMs: 20 })
    await expect(client.call(ping, undefined)).rejects.toThrow('did not answer "ping" within 20 ms')
  })

  test('an answer that comes too late is dropped and frees the place', async () => {
    const held: [Frame, Peer][] = []
    const { client, server, received } = await setUp((frame, peer) => held.push([frame, peer]), {
      maxInFlight: 1,
    })
    await expect(client.call(double, { number: 1 }, { deadlineMs: 20 })).rejects.toThrow(DeadlineError)
    // libvirtd is still busy with the first, so the second waits for its place.
    const second = client.call(double, { number: 2 })
    const third = client.call(double, { number: 3 }, { deadlineMs: 20 })
    await expect(third).rejects.toThrow(DeadlineError)
    expect(server.frames).toHaveLength(1)
    answerDoubled(...held[0]!)
    await received(2)
    answerDoubled(...held[1]!)
    expect(await second).toEqual({ number: 4 })
    expect(server.frames).toHaveLength(2)
  })

  test('Infinity waits for the connection', async () => {
    const { client, received } = await setUp(silence, { deadlineMs: 20 })
    const forever = client.call(ping, undefined, { deadlineMs: Number.POSITIVE_INFINITY })
    await received(1)
    const other = client.call(ping, undefined)
    await expect(other).rejects.toThrow(DeadlineError)
    client.abort('enough')
    await expect(forever).rejects.toThrow('"ping" was not answered: enough')
  })
})

describe('the end of the connection', () => {
  test('abort fails every call, sent or queued, and says why', async () => {
    const { client, received } = await setUp(silence, { maxInFlight: 1 })
    const calls = [client.call(ping, undefined), client.call(ping, undefined)]
    await received(1)
    client.abort('host esx-03 was fenced')
    for (const call of calls) {
      const error = await call.catch((e: unknown) => e)
      expect(error).toBeInstanceOf(ConnectionClosedError)
      expect((error as Error).message).toContain('host esx-03 was fenced')
    }
    expect(await client.closed).toMatchObject({ message: 'host esx-03 was fenced' })
    expect(client.isOpen).toBe(false)
    await expect(client.call(ping, undefined)).rejects.toThrow('host esx-03 was fenced')
  })

  test('a server that hangs up fails every call', async () => {
    const { client } = await setUp((_, peer) => peer.hangUp())
    await expect(client.call(ping, undefined)).rejects.toThrow(ConnectionClosedError)
    expect(await client.closed).toBeInstanceOf(ConnectionClosedError)
  })

  test('close has no reason', async () => {
    const { client } = await setUp(silence)
    const pending = client.call(ping, undefined)
    client.close()
    await expect(pending).rejects.toThrow('the connection was closed')
    expect(await client.closed).toBeUndefined()
  })

  test.each([
    ['a length of nothing', Buffer.alloc(28)],
    ['a length of 4 GiB', Buffer.alloc(28, 0xff)],
    ['HTTP', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
    [
      'an answer to no call',
      encodeFrame({ program: 0x20008086, version: 1, procedure: 1, type: 1, serial: 99, status: 0 }),
    ],
    [
      'a call to us',
      encodeFrame({ program: 0x20008086, version: 1, procedure: 1, type: 0, serial: 1, status: 0 }),
    ],
  ])('%s is a ProtocolError', async (_, bytes) => {
    const { client } = await setUp((_frame, peer) => peer.raw(bytes))
    await expect(client.call(ping, undefined)).rejects.toThrow(ConnectionClosedError)
    expect(await client.closed).toBeInstanceOf(ProtocolError)
  })

  test('half a message and then nothing ends with the deadline', async () => {
    const { client } = await setUp((frame, peer) =>
      peer.raw(encodeFrame({ ...frame, type: 1, payload: Buffer.alloc(100) }).subarray(0, 50)),
    )
    await expect(client.call(double, { number: 1 }, { deadlineMs: 20 })).rejects.toThrow(DeadlineError)
  })

  test('an event that cannot be decoded is a ProtocolError', async () => {
    const { client } = await setUp((_, peer) => peer.event(318, Buffer.alloc(4)), {
      onMessage: (_, payload) => decode(text(10), payload.subarray(2)),
    })
    await expect(client.call(ping, undefined)).rejects.toThrow(ConnectionClosedError)
    expect(await client.closed).toBeInstanceOf(ProtocolError)
  })
})

describe('keepalive', () => {
  const keepAlive = (procedure: number) =>
    encodeFrame({ program: KEEPALIVE.program, version: 1, procedure, type: 2, serial: 0, status: 0 })

  test('answers pings', async () => {
    const { client, server, received } = await setUp((frame, peer) => {
      if (frame.program === KEEPALIVE.program) return
      peer.raw(keepAlive(KEEPALIVE.ping))
      peer.reply(frame)
    })
    await client.call(ping, undefined)
    await received(2)
    expect(server.frames[1]).toMatchObject({
      program: KEEPALIVE.program,
      procedure: KEEPALIVE.pong,
      type: 2,
      serial: 0,
    })
  })

  test('a silent server is pinged and then declared dead; pending calls learn it', async () => {
    const { client, server } = await setUp(silence)
    client.startKeepAlive({ intervalMs: 10, count: 3 })
    const pending = client.call(ping, undefined)
    await expect(pending).rejects.toThrow('the fake server was silent for 40 ms')
    expect(server.frames.filter((frame) => frame.procedure === KEEPALIVE.ping)).not.toHaveLength(0)
    expect(client.isOpen).toBe(false)
  })

  test('a server that answers pings stays alive', async () => {
    let pings = 0
    const { client, received } = await setUp((frame, peer) => {
      if (frame.program !== KEEPALIVE.program) return
      pings += 1
      peer.raw(keepAlive(KEEPALIVE.pong))
    })
    client.startKeepAlive({ intervalMs: 10, count: 50 })
    await received(60)
    expect(pings).toBeGreaterThan(50)
    expect(client.isOpen).toBe(true)
  })

  test('events reach the listener, those of other programs do not', async () => {
    const { client, events } = await setUp((frame, peer) => {
      peer.raw(encodeFrame({ program: 0x20008087, version: 1, procedure: 6, type: 2, serial: 0, status: 0 }))
      peer.event(318, Buffer.from('0102'))
      peer.reply(frame)
    })
    await client.call(ping, undefined)
    expect(events).toEqual([[318, Buffer.from('0102')]])
  })
})

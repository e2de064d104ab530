import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { remoteError } from '../protocol/wire'
import { encodeFrame, type Frame, FrameSplitter } from '../rpc/frame'
import { encode } from '../xdr/codec'

const PROGRAM = 0x20008086

/** One client as the fake server sees it. */
export interface Peer {
  /** Answers a call. */
  reply(call: Frame, payload?: Buffer): void
  /** Answers a call with an error of libvirt. */
  refuse(call: Frame, code: number, message: string): void
  /** Sends an event. */
  event(procedure: number, payload: Buffer): void
  /** Any bytes. */
  raw(bytes: Buffer): void
  hangUp(): void
}

/** A server that speaks frames and nothing more: what it answers, or whether, is up to `onFrame`. */
export async function startFakeServer(onFrame: (frame: Frame, peer: Peer) => void) {
  const socketPath = join(tmpdir(), `fake-${randomUUID().slice(0, 8)}.sock`)
  const sockets = new Set<Socket>()
  const frames: Frame[] = []
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    const splitter = new FrameSplitter()
    const peer = peerOf(socket)
    socket.on('data', (chunk: Buffer) => {
      for (const frame of splitter.push(chunk)) {
        frames.push(frame)
        onFrame(frame, peer)
      }
    })
  })
  server.listen(socketPath)
  await once(server, 'listening')
  return {
    socketPath,
    /** Everything received so far. */
    frames,
    stop() {
      for (const socket of sockets) socket.destroy()
      server.close()
      rmSync(socketPath, { force: true })
    },
  }
}

function peerOf(socket: Socket): Peer {
  const send = (frame: Omit<Frame, 'program' | 'version'>) =>
    socket.write(encodeFrame({ program: PROGRAM, version: 1, ...frame }))
  return {
    reply: ({ procedure, serial }, payload = Buffer.alloc(0)) =>
      send({ procedure, serial, type: 1, status: 0, payload }),
    refuse: ({ procedure, serial }, code, message) => {
      const absent = { dom: null, str1: null, str2: null, str3: null, int1: 0, int2: 0, net: null }
      const payload = encode(remoteError, { code, domain: 10, message, level: 2, ...absent })
      send({ procedure, serial, type: 1, status: 1, payload })
    },
    event: (procedure, payload) => send({ procedure, serial: 0, type: 2, status: 0, payload }),
    raw: (bytes) => socket.write(bytes),
    hangUp: () => socket.destroy(),
  }
}

import { connect as connectTcp, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { ConnectionClosedError } from '../errors'

/** Where libvirtd listens. TCP is for closed test networks: it is neither encrypted nor authenticated. */
export type Address =
  | { socketPath: string }
  | { host: string; port?: number; tls?: undefined }
  | {
      host: string
      port?: number
      /** At least `ca`, `cert` and `key`: libvirtd asks its clients for a certificate. */
      tls: ConnectionOptions
    }

/** The address as it appears in messages. */
export function describeAddress(address: Address): string {
  if ('socketPath' in address) return address.socketPath
  return address.tls
    ? `tls ${address.host}:${address.port ?? 16514}`
    : `tcp ${address.host}:${address.port ?? 16509}`
}

/** An open byte stream to libvirtd. Rejects with ConnectionClosedError after `deadlineMs`, or when refused. */
export function openSocket(address: Address, deadlineMs: number): Promise<Duplex> {
  const where = describeAddress(address)
  return new Promise((resolve, reject) => {
    const socket = open(address)
    const fail = (reason: string) => {
      clearTimeout(timer)
      socket.destroy()
      reject(new ConnectionClosedError(`cannot connect to libvirtd at ${where}: ${reason}`))
    }
    const timer = setTimeout(() => fail(`no answer within ${deadlineMs} ms`), deadlineMs)
    const failed = (error: Error) => fail(error.message)
    const closed = () => fail('closed by the other side')
    const done = () => {
      clearTimeout(timer)
      // The error listener stays: an error between here and the first listener of the caller must not be uncaught.
      socket.off('close', closed).off('readable', verdict)
      resolve(socket)
    }
    // After checking the client's certificate libvirtd sends one byte 1; a refused client is just hung up on.
    const verdict = () => {
      const byte: Buffer | null = socket.read(1)
      if (byte === null) return
      if (byte[0] === 1) done()
      else fail('it refused our certificate')
    }
    socket.on('error', failed).on('close', closed)
    if ('tls' in address && address.tls) socket.on('readable', verdict)
    else socket.once('connect', done)
  })
}

function open(address: Address): Socket {
  if ('socketPath' in address) return connectTcp(address.socketPath)
  const { host, tls } = address
  const socket = tls
    ? connectTls({ host, port: address.port ?? 16514, ...tls })
    : connectTcp({ host, port: address.port ?? 16509 })
  return socket.setNoDelay(true)
}

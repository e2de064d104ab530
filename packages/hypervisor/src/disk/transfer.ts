import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { connect, createServer, type TLSSocket } from 'node:tls'
import type { DiskCopied, DiskReceiver } from '@drover/protocol'
import type { Clock } from '../clock'
import { HypervisorError, type OperationControl } from '../port'
import { hashFile } from './clone'
import { makeRoom, makeWhole, partOf } from './files'
import { readDiskHeader } from './header'
import { holdForReading } from './qemu-img'

/**
 * One disk from host to host: TLS with a key that control gave to both ends for this one copy. The sender says how many
 * bytes follow, then sends them; the receiver answers with their checksum.
 */
const secure = {
  ciphers: 'ECDHE-PSK-CHACHA20-POLY1305',
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.2',
} as const
const identity = 'drover-disk'
const chunkBytes = 1 << 20
const sectorBytes = 4096
/** A receiver whom nobody calls goes away. */
const patienceMs = 10 * 60_000
const silentMs = 30_000

const zeros = Buffer.alloc(sectorBytes)

/** Opens a port for one disk and answers at once; bytes go to `<targetPath>.part`. */
export class Receivers {
  private readonly open = new Map<string, () => void>()

  constructor(private readonly clock: Clock) {}

  async receive(targetPath: string, sizeBytes: number, key: string): Promise<DiskReceiver> {
    this.open.get(targetPath)?.()
    await makeRoom(targetPath)
    const server = createServer({
      ...secure,
      pskCallback: (_socket, who) => (who === identity ? Buffer.from(key, 'hex') : null),
    })
    const late = this.clock.setTimer(patienceMs, () => close())
    let busy: TLSSocket | null = null
    const close = () => {
      late()
      server.close()
      busy?.destroy()
      if (this.open.get(targetPath) === close) this.open.delete(targetPath)
    }
    this.open.set(targetPath, close)
    server.on('tlsClientError', () => {})
    server.on('secureConnection', (socket) => {
      // Called again after a broken line, it begins anew.
      busy?.destroy()
      busy = socket
      late()
      socket.on('error', () => {})
      socket.setTimeout(silentMs, () => socket.destroy())
      takeDisk(socket, partOf(targetPath), sizeBytes).then(
        (sha256) => {
          socket.end(`${JSON.stringify({ sha256 })}\n`)
          busy = null
          close()
        },
        (error: Error) => socket.end(`${JSON.stringify({ error: error.message })}\n`),
      )
    })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(0, resolve)
    })
    return { port: (server.address() as AddressInfo).port }
  }

  close(): void {
    for (const close of this.open.values()) close()
  }
}

async function takeDisk(socket: TLSSocket, part: string, mostBytes: number): Promise<string> {
  const file = await open(part, 'w', 0o600)
  try {
    const hash = createHash('sha256')
    let head = Buffer.alloc(0)
    let expected: number | null = null
    let at = 0
    // The line stays open for the answer.
    for await (const data of socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      let chunk = data
      if (expected === null) {
        head = Buffer.concat([head, chunk])
        const end = head.indexOf('\n')
        if (end < 0 && head.length > 1024) throw new Error('The sender did not say how much it sends.')
        if (end < 0) continue
        expected = Number((JSON.parse(head.subarray(0, end).toString()) as { bytes: number }).bytes)
        if (!Number.isSafeInteger(expected) || expected < 0) throw new Error('The sender announced nonsense.')
        if (expected > mostBytes * 1.1 + (64 << 20))
          throw new Error(`The disk has ${expected} bytes, more than announced.`)
        chunk = head.subarray(end + 1)
      }
      hash.update(chunk)
      await writeSparse(file, chunk, at)
      at += chunk.length
      if (at >= expected) break
    }
    if (expected === null || at !== expected)
      throw new Error('The line broke before the whole disk was here.')
    await file.truncate(at)
    await file.sync()
    return hash.digest('hex')
  } finally {
    await file.close()
  }
}

/** Empty places stay holes. */
async function writeSparse(file: Awaited<ReturnType<typeof open>>, chunk: Buffer, at: number): Promise<void> {
  let from = 0
  while (from < chunk.length) {
    let to = from
    while (to < chunk.length && !isZero(chunk, to)) to = Math.min(chunk.length, to + sectorBytes)
    if (to > from) await file.write(chunk, from, to - from, at + from)
    from = to
    while (from < chunk.length && isZero(chunk, from)) from = Math.min(chunk.length, from + sectorBytes)
  }
}

function isZero(chunk: Buffer, from: number): boolean {
  const to = Math.min(chunk.length, from + sectorBytes)
  return chunk.compare(zeros, 0, to - from, from, to) === 0
}

/** Sends a disk that no guest has open, and keeps guests from it meanwhile. Both ends' checksums are compared. */
export async function sendDisk(
  clock: Clock,
  sourcePath: string,
  to: { address: string; port: number; key: string },
  control: OperationControl,
): Promise<DiskCopied> {
  const header = await readDiskHeader(sourcePath)
  if (header.hasBackingFile) {
    throw new HypervisorError(
      'unsupported',
      `${sourcePath} is only a difference to another disk; flatten it first.`,
    )
  }
  const hold = await holdForReading(sourcePath, header.format)
  try {
    const before = await stat(sourcePath)
    const sent = await stream(clock, sourcePath, before.size, to, control)
    if ((await stat(sourcePath)).mtimeMs !== before.mtimeMs) {
      throw new HypervisorError('failed', `${sourcePath} was changed while it was sent.`)
    }
    return sent
  } finally {
    hold.release()
  }
}

async function stream(
  clock: Clock,
  path: string,
  bytes: number,
  to: { address: string; port: number; key: string },
  { onProgress, signal }: OperationControl,
): Promise<DiskCopied> {
  const where = `${to.address}:${to.port}`
  const socket = await call(to).catch((error: Error) => {
    throw new HypervisorError('unreachable', `Nobody receives a disk at ${where}: ${error.message}.`)
  })
  const abort = () => socket.destroy()
  if (signal?.aborted) abort()
  signal?.addEventListener('abort', abort)
  const startedAt = clock.now()
  const hash = createHash('sha256')
  try {
    const answer = readAnswer(socket)
    answer.catch(() => {})
    await write(socket, Buffer.from(`${JSON.stringify({ bytes })}\n`))
    let done = 0
    // Not one byte more than announced, should the file have grown.
    for await (const chunk of createReadStream(path, {
      highWaterMark: chunkBytes,
      end: Math.max(0, bytes - 1),
    })) {
      hash.update(chunk as Buffer)
      await write(socket, chunk as Buffer)
      done += (chunk as Buffer).length
      const bytesPerSecond = Math.round((done * 1000) / Math.max(1, clock.now() - startedAt))
      onProgress?.({
        fraction: bytes === 0 ? 1 : done / bytes,
        doneBytes: done,
        totalBytes: bytes,
        bytesPerSecond,
        remainingMs: Math.round(((bytes - done) * 1000) / Math.max(1, bytesPerSecond)),
      })
    }
    const sha256 = hash.digest('hex')
    const theirs = await answer
    if (theirs.error) throw new HypervisorError('failed', `${where} could not keep the disk: ${theirs.error}`)
    if (theirs.sha256 !== sha256)
      throw new HypervisorError('failed', `${where} received other bytes than were sent.`)
    return { bytes, sha256 }
  } catch (error) {
    if (signal?.aborted) throw new HypervisorError('aborted', 'The copy was stopped.')
    if (error instanceof HypervisorError) throw error
    throw new HypervisorError('unreachable', `The line to ${where} broke: ${(error as Error).message}.`)
  } finally {
    signal?.removeEventListener('abort', abort)
    socket.destroy()
  }
}

function call(to: { address: string; port: number; key: string }): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      ...secure,
      host: to.address,
      port: to.port,
      pskCallback: () => ({ psk: Buffer.from(to.key, 'hex'), identity }),
      // The key is the proof of who this is; there are no certificates.
      checkServerIdentity: () => undefined,
      rejectUnauthorized: false,
    })
    socket.setTimeout(silentMs, () => socket.destroy(new Error('no answer')))
    socket.once('secureConnect', () => {
      socket.removeListener('error', reject)
      socket.on('error', () => {})
      resolve(socket)
    })
    socket.once('error', reject)
  })
}

function write(socket: TLSSocket, data: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    if (socket.destroyed) return reject(new Error('it was closed'))
    const closed = () => reject(new Error('it was closed'))
    socket.once('close', closed)
    socket.write(data, (error) => {
      socket.removeListener('close', closed)
      if (error) reject(error)
      else resolve()
    })
  })
}

async function readAnswer(socket: TLSSocket): Promise<{ sha256?: string; error?: string }> {
  let text = ''
  for await (const data of socket as AsyncIterable<Buffer>) {
    text += data.toString()
    if (text.includes('\n')) return JSON.parse(text) as { sha256?: string; error?: string }
  }
  throw new Error('it was closed before it said that it has all')
}

/** Makes a received disk whole once its bytes are what was sent. Already whole is fine. */
export async function commitDisk(targetPath: string, sha256: string): Promise<void> {
  const part = partOf(targetPath)
  const received = await hashFile(part).catch(() => null)
  if (received === null) {
    const whole = await hashFile(targetPath).catch(() => null)
    if (whole === sha256) return
    throw new HypervisorError('not_found', `No disk was received for ${targetPath}.`)
  }
  if (received !== sha256) {
    throw new HypervisorError('failed', `What was received for ${targetPath} is not what was sent.`)
  }
  await makeWhole(targetPath)
}

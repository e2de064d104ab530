import { ProtocolError } from '../errors'

/** virNetMessageType, as far as a client without file descriptors and streams meets it. */
export const MESSAGE_TYPE = { call: 0, reply: 1, message: 2, stream: 3 } as const
/** virNetMessageStatus. */
export const MESSAGE_STATUS = { ok: 0, error: 1, continue: 2 } as const

/** One message: 4 bytes of total length, a header of six words, the payload. */
export interface Frame {
  program: number
  version: number
  procedure: number
  type: number
  serial: number
  status: number
  payload: Buffer
}

export const HEADER_BYTES = 28
/** VIR_NET_MESSAGE_MAX (32 MiB) and the length word. */
export const FRAME_BYTES_MAX = 33_554_432 + 4

const EMPTY = Buffer.alloc(0)

/** The bytes of a frame. Throws ProtocolError when it is larger than libvirtd accepts. */
export function encodeFrame(frame: Omit<Frame, 'payload'> & { payload?: Buffer }): Buffer {
  const payload = frame.payload ?? EMPTY
  const length = HEADER_BYTES + payload.length
  if (length > FRAME_BYTES_MAX)
    throw new ProtocolError(`message of ${length} bytes, at most ${FRAME_BYTES_MAX}`)
  const buffer = Buffer.alloc(length)
  const { program, version, procedure, type, serial, status } = frame
  for (const [index, word] of [length, program, version, procedure, type, serial, status].entries()) {
    buffer.writeUInt32BE(word, index * 4)
  }
  payload.copy(buffer, HEADER_BYTES)
  return buffer
}

/** Cuts a byte stream into frames. Large messages come in many chunks, so chunks are joined only once complete. */
export class FrameSplitter {
  #chunks: Buffer[] = []
  #bytes = 0

  /** The frames that `chunk` completes. Throws ProtocolError at an impossible length; the stream is lost then. */
  push(chunk: Buffer): Frame[] {
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
    const frames: Frame[] = []
    for (;;) {
      const length = this.#nextLength()
      if (length === undefined || this.#bytes < length) return frames
      const all = this.#join()
      frames.push(decodeFrame(all.subarray(0, length)))
      this.#chunks = [all.subarray(length)]
      this.#bytes -= length
    }
  }

  #nextLength(): number | undefined {
    if (this.#bytes < 4) return undefined
    const first = this.#chunks[0]!.length >= 4 ? this.#chunks[0]! : this.#join()
    const length = first.readUInt32BE(0)
    if (length < HEADER_BYTES || length > FRAME_BYTES_MAX) {
      throw new ProtocolError(
        `message length ${length} is not between ${HEADER_BYTES} and ${FRAME_BYTES_MAX}`,
      )
    }
    return length
  }

  #join(): Buffer {
    const all = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks)
    this.#chunks = [all]
    return all
  }
}

function decodeFrame(bytes: Buffer): Frame {
  const word = (index: number) => bytes.readUInt32BE(index * 4)
  return {
    program: word(1),
    version: word(2),
    procedure: word(3),
    type: word(4),
    serial: word(5),
    status: word(6),
    payload: bytes.subarray(HEADER_BYTES),
  }
}

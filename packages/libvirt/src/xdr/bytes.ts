import { XdrError } from '../errors'

const padding = (length: number) => (4 - (length % 4)) % 4
const TWO_32 = 4_294_967_296

/** Reads XDR primitives from a buffer; every read is checked against its end. */
export class XdrReader {
  #at = 0
  constructor(readonly buffer: Buffer) {}

  get remaining(): number {
    return this.buffer.length - this.#at
  }

  /** `length` bytes and their padding to a multiple of four. */
  bytes(length: number): Buffer {
    const start = this.#advance(length + padding(length))
    return this.buffer.subarray(start, start + length)
  }

  int(): number {
    return this.buffer.readInt32BE(this.#advance(4))
  }

  uint(): number {
    return this.buffer.readUInt32BE(this.#advance(4))
  }

  /** Rounded once, to the nearest double: exact up to 2^53. */
  hyper(): number {
    const at = this.#advance(8)
    return this.buffer.readInt32BE(at) * TWO_32 + this.buffer.readUInt32BE(at + 4)
  }

  uhyper(): number {
    const at = this.#advance(8)
    return this.buffer.readUInt32BE(at) * TWO_32 + this.buffer.readUInt32BE(at + 4)
  }

  double(): number {
    return this.buffer.readDoubleBE(this.#advance(8))
  }

  #advance(length: number): number {
    if (length > this.remaining) {
      throw new XdrError(`truncated: ${length} bytes wanted at ${this.#at}, ${this.remaining} left`)
    }
    const at = this.#at
    this.#at += length
    return at
  }
}

/** Appends XDR primitives to a growing buffer. Ranges are the codecs' business (codec.ts). */
export class XdrWriter {
  #buffer = Buffer.alloc(256)
  #length = 0

  bytes(value: Uint8Array): void {
    const at = this.#grow(value.length + padding(value.length))
    this.#buffer.set(value, at)
  }

  // `#grow` may put a larger buffer in place, so it comes before the buffer is looked at.
  int(value: number): void {
    const at = this.#grow(4)
    this.#buffer.writeInt32BE(value, at)
  }

  uint(value: number): void {
    const at = this.#grow(4)
    this.#buffer.writeUInt32BE(value, at)
  }

  hyper(value: number): void {
    const at = this.#grow(8)
    this.#buffer.writeBigInt64BE(BigInt(value), at)
  }

  double(value: number): void {
    const at = this.#grow(8)
    this.#buffer.writeDoubleBE(value, at)
  }

  /** A copy of what was written. */
  finish(): Buffer {
    return Buffer.from(this.#buffer.subarray(0, this.#length))
  }

  #grow(length: number): number {
    const at = this.#length
    const wanted = at + length
    if (wanted > this.#buffer.length) {
      // Buffer.alloc zeroes, which is what XDR wants of the padding.
      const larger = Buffer.alloc(Math.max(wanted, this.#buffer.length * 2))
      this.#buffer.copy(larger, 0, 0, at)
      this.#buffer = larger
    }
    this.#length = wanted
    return at
  }
}

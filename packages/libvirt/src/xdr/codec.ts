import { XdrError } from '../errors'
import { XdrReader, XdrWriter } from './bytes'

/** How one type looks on the wire (RFC 4506). Compose them with `struct`, `array`, `option`. */
export interface Codec<T> {
  read(reader: XdrReader): T
  write(writer: XdrWriter, value: T): void
}

/** The TypeScript type of what a codec reads and writes. */
export type ValueOf<C> = C extends Codec<infer T> ? T : never

/** The bytes of `value`. Throws XdrError when it does not fit the codec. */
export function encode<T>(codec: Codec<T>, value: T): Buffer {
  const writer = new XdrWriter()
  codec.write(writer, value)
  return writer.finish()
}

/** The value in `buffer`, which must hold it and nothing else. Throws XdrError. */
export function decode<T>(codec: Codec<T>, buffer: Buffer): T {
  const reader = new XdrReader(buffer)
  const value = codec.read(reader)
  if (reader.remaining > 0) throw new XdrError(`${reader.remaining} bytes left over`)
  return value
}

function checkInteger(value: number, min: number, max: number, type: string): void {
  if (!Number.isInteger(value) || value < min || value > max)
    throw new XdrError(`${value} is not of type ${type}`)
}

function checkLength(length: number, max: number, type: string): void {
  if (length > max) throw new XdrError(`${type} of length ${length}, at most ${max} allowed`)
}

export const nothing: Codec<void> = { read: () => undefined, write: () => undefined }

export const int: Codec<number> = {
  read: (reader) => reader.int(),
  write: (writer, value) => {
    checkInteger(value, -2_147_483_648, 2_147_483_647, 'int')
    writer.int(value)
  },
}

export const uint: Codec<number> = {
  read: (reader) => reader.uint(),
  write: (writer, value) => {
    checkInteger(value, 0, 4_294_967_295, 'unsigned int')
    writer.uint(value)
  },
}

/**
 * 64 bits as a number. Reading never fails: beyond 2^53 (CPU time in nanoseconds gets there after 104 days of one
 * CPU) it is the nearest double, off by less than one part in 10^15. Writing accepts safe integers only, so that no
 * limit or size is ever rounded on its way out.
 */
export const hyper: Codec<number> = {
  read: (reader) => reader.hyper(),
  write: (writer, value) => {
    checkInteger(value, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, 'hyper')
    writer.hyper(value)
  },
}

/** Unsigned 64 bits as a number; see `hyper`. */
export const uhyper: Codec<number> = {
  read: (reader) => reader.uhyper(),
  write: (writer, value) => {
    checkInteger(value, 0, Number.MAX_SAFE_INTEGER, 'unsigned hyper')
    writer.hyper(value)
  },
}

export const double: Codec<number> = {
  read: (reader) => reader.double(),
  write: (writer, value) => writer.double(value),
}

/** libvirt sends truth as an int; anything but 0 is true. */
export const bool: Codec<boolean> = {
  read: (reader) => reader.int() !== 0,
  write: (writer, value) => writer.int(value ? 1 : 0),
}

/** Variable-length bytes. What is read is a copy, so that it does not keep the whole message alive. */
export const opaque = (max: number): Codec<Buffer> => ({
  read: (reader) => {
    const length = reader.uint()
    checkLength(length, max, 'opaque')
    return Buffer.from(reader.bytes(length))
  },
  write: (writer, value) => {
    checkLength(value.length, max, 'opaque')
    writer.uint(value.length)
    writer.bytes(value)
  },
})

/** Exactly `length` bytes. */
export const fixedOpaque = (length: number): Codec<Buffer> => ({
  read: (reader) => Buffer.from(reader.bytes(length)),
  write: (writer, value) => {
    if (value.length !== length) throw new XdrError(`${value.length} bytes where ${length} belong`)
    writer.bytes(value)
  },
})

/** UTF-8 text. A NUL is refused: the C on the other side would silently end the text there. */
export const text = (max: number): Codec<string> => ({
  read: (reader) => {
    const length = reader.uint()
    checkLength(length, max, 'string')
    return reader.bytes(length).toString('utf8')
  },
  write: (writer, value) => {
    if (value.includes('\0')) throw new XdrError('a string must not hold a NUL character')
    const bytes = Buffer.from(value, 'utf8')
    checkLength(bytes.length, max, 'string')
    writer.uint(bytes.length)
    writer.bytes(bytes)
  },
})

/** Variable-length list. */
export const array = <T>(element: Codec<T>, max: number): Codec<T[]> => ({
  read: (reader) => {
    const length = reader.uint()
    checkLength(length, max, 'array')
    // Nothing in XDR is shorter than four bytes, so a count beyond that is a lie: say so before looping on it.
    if (length > reader.remaining / 4)
      throw new XdrError(`truncated: array of ${length} in ${reader.remaining} bytes`)
    return Array.from({ length }, () => element.read(reader))
  },
  write: (writer, value) => {
    checkLength(value.length, max, 'array')
    writer.uint(value.length)
    for (const item of value) element.write(writer, item)
  },
})

/** A pointer of the IDL: the value, or null. */
export const option = <T>(element: Codec<T>): Codec<T | null> => ({
  read: (reader) => {
    const present = reader.uint()
    if (present > 1) throw new XdrError(`${present} is neither absent nor present`)
    return present ? element.read(reader) : null
  },
  write: (writer, value) => {
    writer.uint(value === null ? 0 : 1)
    if (value !== null) element.write(writer, value)
  },
})

/** Fields in the order of the object's keys. */
export function struct<F extends Record<string, Codec<unknown>>>(
  fields: F,
): Codec<{ [K in keyof F]: ValueOf<F[K]> }> {
  const entries = Object.entries(fields)
  return {
    read: (reader) => {
      const value: Record<string, unknown> = {}
      for (const [name, codec] of entries) value[name] = codec.read(reader)
      return value as { [K in keyof F]: ValueOf<F[K]> }
    },
    write: (writer, value) => {
      for (const [name, codec] of entries) codec.write(writer, value[name])
    },
  }
}

/** The same bytes, another shape in TypeScript. */
export const mapped = <W, T>(wire: Codec<W>, toValue: (w: W) => T, toWire: (t: T) => W): Codec<T> => ({
  read: (reader) => toValue(wire.read(reader)),
  write: (writer, value) => wire.write(writer, toWire(value)),
})

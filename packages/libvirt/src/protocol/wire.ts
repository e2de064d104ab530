import { XdrError } from '../errors'
import {
  array,
  type Codec,
  fixedOpaque,
  int,
  mapped,
  option,
  struct,
  text,
  uint,
  type ValueOf,
} from '../xdr/codec'

/** REMOTE_STRING_MAX. */
export const string = text(4_194_304)
export const optionalString = option(string)

const hex = (bytes: Buffer) =>
  bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')

const unhex = (value: string) => {
  const digits = value.replaceAll('-', '')
  if (!/^[0-9a-f]{32}$/i.test(digits)) throw new XdrError(`"${value}" is not a uuid`)
  return Buffer.from(digits, 'hex')
}

/** 16 bytes on the wire, the usual text with dashes in TypeScript. */
export const uuid = mapped(fixedOpaque(16), hex, unhex)

/** A domain as libvirt names it. The uuid identifies it in every call; `id` is -1 while it is not running. */
export const domain = struct({ name: string, uuid, id: int })
export type Domain = ValueOf<typeof domain>

/** How calls take a domain: libvirt finds it by its uuid, the rest appears in its messages at most. */
export type DomainRef = Pick<Domain, 'uuid'> & Partial<Domain>
export const domainRef: Codec<DomainRef> = {
  read: (reader) => domain.read(reader),
  write: (writer, { uuid, name = '', id = -1 }) => domain.write(writer, { uuid, name, id }),
}

export const pool = struct({ name: string, uuid })
export type Pool = ValueOf<typeof pool>

export const volume = struct({ pool: string, name: string, key: string })
export type Volume = ValueOf<typeof volume>

/** virNetMessageError, the payload of every reply with status error. */
export const remoteError = struct({
  code: int,
  domain: int,
  message: optionalString,
  level: int,
  dom: option(domain),
  str1: optionalString,
  str2: optionalString,
  str3: optionalString,
  int1: int,
  int2: int,
  net: option(struct({ name: string, uuid })),
})

/** `char name[n]` of the IDL: one word for every character. */
export const characters = (length: number) => ({
  read: (reader: { int(): number }) => {
    const codes = Array.from({ length }, () => reader.int() & 0xff)
    const end = codes.indexOf(0)
    return Buffer.from(end < 0 ? codes : codes.slice(0, end)).toString('utf8')
  },
  write: (writer: { int(value: number): void }, value: string) => {
    const bytes = Buffer.from(value, 'utf8')
    for (let index = 0; index < length; index++) writer.int(bytes[index] ?? 0)
  },
})

/** The "list all" procedures answer a list, and its length once more. */
export const listOf = <T>(element: Parameters<typeof array<T>>[0]) =>
  struct({ items: array(element, 16_384), count: uint })

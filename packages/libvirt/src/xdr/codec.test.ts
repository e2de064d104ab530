import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { XdrError } from '../errors'
import * as xdr from './codec'

const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex')

const everything = xdr.struct({
  int: xdr.int,
  uint: xdr.uint,
  hyper: xdr.hyper,
  uhyper: xdr.uhyper,
  double: xdr.double,
  bool: xdr.bool,
  text: xdr.text(1000),
  opaque: xdr.opaque(1000),
  fixed: xdr.fixedOpaque(6),
  list: xdr.array(xdr.text(100), 50),
  option: xdr.option(xdr.struct({ a: xdr.int, b: xdr.text(10) })),
})

const withoutNul = (max: number) =>
  fc
    .string({ unit: 'grapheme', maxLength: max })
    .map((value) => Buffer.from(value.replaceAll('\0', '')).toString())
    .filter((value) => Buffer.byteLength(value) <= max)
const blob = (options: { minLength?: number; maxLength: number }) =>
  fc.uint8Array(options).map((value) => Buffer.from(value))

const anything: fc.Arbitrary<xdr.ValueOf<typeof everything>> = fc.record({
  int: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  uint: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  hyper: fc.maxSafeInteger(),
  uhyper: fc.maxSafeNat(),
  double: fc.double({ noNaN: true }),
  bool: fc.boolean(),
  text: withoutNul(1000),
  opaque: blob({ maxLength: 200 }),
  fixed: blob({ minLength: 6, maxLength: 6 }),
  list: fc.array(withoutNul(100), { maxLength: 50 }),
  option: fc.option(fc.record({ a: fc.integer({ min: -5, max: 5 }), b: withoutNul(10) })),
})

describe('the bytes are those of RFC 4506', () => {
  test.each([
    ['int', xdr.encode(xdr.int, -2), 'fffffffe'],
    ['uint', xdr.encode(xdr.uint, 4_294_967_295), 'ffffffff'],
    ['hyper', xdr.encode(xdr.hyper, -1), 'ffffffffffffffff'],
    ['uhyper', xdr.encode(xdr.uhyper, 2 ** 40), '0000010000000000'],
    ['double', xdr.encode(xdr.double, -2.5), 'c004000000000000'],
    ['bool', xdr.encode(xdr.bool, true), '00000001'],
    ['string, padded', xdr.encode(xdr.text(10), 'sillyü'), '00000007 73696c6c79c3bc 00'],
    ['opaque of a multiple of four', xdr.encode(xdr.opaque(4), bytes('01020304')), '00000004 01020304'],
    ['fixed opaque', xdr.encode(xdr.fixedOpaque(2), bytes('0102')), '01020000'],
    ['array', xdr.encode(xdr.array(xdr.int, 2), [1, 2]), '00000002 00000001 00000002'],
    ['absent', xdr.encode(xdr.option(xdr.int), null), '00000000'],
    ['present', xdr.encode(xdr.option(xdr.int), 7), '00000001 00000007'],
    ['struct', xdr.encode(xdr.struct({ a: xdr.int, b: xdr.bool }), { a: 1, b: false }), '00000001 00000000'],
  ])('%s', (_, encoded, hex) => {
    expect(encoded.toString('hex')).toBe(hex.replaceAll(' ', ''))
  })
})

test('what is written is read back', () => {
  fc.assert(
    fc.property(anything, (value) => {
      const encoded = xdr.encode(everything, value)
      expect(encoded.length % 4).toBe(0)
      expect(xdr.decode(everything, encoded)).toEqual(value)
    }),
  )
})

test('cut short anywhere it is an XdrError', () => {
  fc.assert(
    fc.property(anything, fc.nat(), (value, where) => {
      const encoded = xdr.encode(everything, value)
      expect(() => xdr.decode(everything, encoded.subarray(0, where % encoded.length))).toThrow(XdrError)
    }),
  )
})

test('any bytes give a value or an XdrError, and nothing else', () => {
  const decodable = { yes: 0, no: 0 }
  fc.assert(
    fc.property(blob({ maxLength: 200 }), (garbage) => {
      try {
        xdr.decode(xdr.array(xdr.option(xdr.text(50)), 100), garbage)
        decodable.yes += 1
      } catch (error) {
        expect(error).toBeInstanceOf(XdrError)
        decodable.no += 1
      }
    }),
    { numRuns: 500, examples: [[bytes('00000000')]] },
  )
  expect(decodable.yes).toBeGreaterThan(0)
  expect(decodable.no).toBeGreaterThan(0)
})

describe('64 bits', () => {
  test('are read as the nearest number beyond 2^53', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (value) => {
        const buffer = Buffer.alloc(8)
        buffer.writeBigUInt64BE(value)
        expect(xdr.decode(xdr.uhyper, buffer)).toBe(Number(value))
        const signed = BigInt.asIntN(64, value)
        expect(xdr.decode(xdr.hyper, buffer)).toBe(Number(signed))
      }),
    )
  })

  test('are written only when they are exact', () => {
    expect(() => xdr.encode(xdr.uhyper, 2 ** 53)).toThrow(XdrError)
    expect(() => xdr.encode(xdr.uhyper, -1)).toThrow(XdrError)
    expect(() => xdr.encode(xdr.hyper, 0.5)).toThrow(XdrError)
  })
})

describe('refused', () => {
  test.each<[string, () => unknown]>([
    ['an int out of range', () => xdr.encode(xdr.int, 2 ** 31)],
    ['a negative unsigned int', () => xdr.encode(xdr.uint, -1)],
    ['NaN', () => xdr.encode(xdr.uint, Number.NaN)],
    ['a string too long to write', () => xdr.encode(xdr.text(3), 'four')],
    ['a string too long to read', () => xdr.decode(xdr.text(3), bytes('00000004 61616161'))],
    ['a NUL in a string', () => xdr.encode(xdr.text(10), 'a\0b')],
    ['a list too long to write', () => xdr.encode(xdr.array(xdr.int, 1), [1, 2])],
    ['a list that claims 2^31 items', () => xdr.decode(xdr.array(xdr.int, 2 ** 32), bytes('80000000'))],
    ['an option that is neither', () => xdr.decode(xdr.option(xdr.int), bytes('00000002 00000001'))],
    ['bytes left over', () => xdr.decode(xdr.int, bytes('00000001 00000002'))],
    ['fixed bytes of another length', () => xdr.encode(xdr.fixedOpaque(2), bytes('01'))],
  ])('%s', (_, act) => {
    expect(act).toThrow(XdrError)
  })
})

test('bytes that were read do not keep the message alive', () => {
  const message = xdr.encode(xdr.opaque(10), bytes('0102'))
  const value = xdr.decode(xdr.opaque(10), message)
  message.fill(0xff)
  expect(value).toEqual(bytes('0102'))
})

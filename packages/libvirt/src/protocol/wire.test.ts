import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { XdrError } from '../errors'
import { toTypedParams } from '../migration/parameters'
import { decode, encode } from '../xdr/codec'
import { errorCodeName } from './error-codes'
import { paramValues, type TypedParam, typedParams } from './typed-params'
import { characters, domain, domainRef, uuid } from './wire'

const id = '6695eb01-f6a4-8304-79aa-97f2502e193f'

test('a uuid is 16 bytes, with or without dashes', () => {
  expect(encode(uuid, id).toString('hex')).toBe('6695eb01f6a4830479aa97f2502e193f')
  expect(encode(uuid, id.replaceAll('-', ''))).toEqual(encode(uuid, id))
  expect(decode(uuid, encode(uuid, id.toUpperCase()))).toBe(id)
  expect(() => encode(uuid, 'web-17')).toThrow('"web-17" is not a uuid')
})

test('a domain can be named by its uuid alone', () => {
  expect(decode(domain, encode(domainRef, { uuid: id }))).toEqual({ name: '', uuid: id, id: -1 })
  expect(decode(domain, encode(domainRef, { name: 'web', uuid: id, id: 3 }))).toEqual({
    name: 'web',
    uuid: id,
    id: 3,
  })
})

test('characters take a word each and end at NUL', () => {
  const wire = encode(characters(4), 'ab')
  expect(wire.toString('hex')).toBe('00000061000000620000000000000000')
  expect(decode(characters(4), wire)).toBe('ab')
  expect(decode(characters(2), encode(characters(2), 'ab'))).toBe('ab')
})

describe('typed parameters', () => {
  const name = fc.stringMatching(/^[a-z.]{1,20}$/)
  const param: fc.Arbitrary<TypedParam> = fc.oneof(
    fc.record({ name, type: fc.constant('int' as const), value: fc.integer() }),
    fc.record({ name, type: fc.constant('uint' as const), value: fc.integer({ min: 0, max: 2 ** 32 - 1 }) }),
    fc.record({ name, type: fc.constant('llong' as const), value: fc.maxSafeInteger() }),
    fc.record({ name, type: fc.constant('ullong' as const), value: fc.maxSafeNat() }),
    fc.record({ name, type: fc.constant('double' as const), value: fc.double({ noNaN: true }) }),
    fc.record({ name, type: fc.constant('boolean' as const), value: fc.boolean() }),
    fc.record({ name, type: fc.constant('string' as const), value: fc.stringMatching(/^[ -~]{0,30}$/) }),
  )

  test('are read back as they were written', () => {
    fc.assert(
      fc.property(fc.array(param, { maxLength: 20 }), (params) => {
        expect(decode(typedParams, encode(typedParams, params))).toEqual(params)
      }),
    )
  })

  test('become a plain object', () => {
    const wire = encode(typedParams, [
      { name: 'cpu.time', type: 'ullong', value: 12 },
      { name: '__proto__', type: 'string', value: 'harmless' },
      { name: 'vm.halted', type: 'boolean', value: true },
    ])
    const values = decode(paramValues, wire)
    expect(Object.entries(values)).toEqual([
      ['cpu.time', 12],
      ['__proto__', 'harmless'],
      ['vm.halted', true],
    ])
    expect(Object.getPrototypeOf(values)).toBe(Object.prototype)
  })

  test('of an unknown type are an XdrError', () => {
    const wire = encode(typedParams, [{ name: 'a', type: 'int', value: 1 }])
    wire.writeUInt32BE(8, wire.length - 8)
    expect(() => decode(typedParams, wire)).toThrow(XdrError)
  })
})

test('migration parameters have the names and types of libvirt', () => {
  expect(
    toTypedParams({
      uri: 'tcp://10.0.0.2',
      bandwidthMibps: 30,
      disks: ['vda', 'vdb'],
      autoConvergeInitial: 20,
      destinationXml: undefined,
    }),
  ).toEqual([
    { name: 'migrate_uri', type: 'string', value: 'tcp://10.0.0.2' },
    { name: 'bandwidth', type: 'ullong', value: 30 },
    { name: 'migrate_disks', type: 'string', value: 'vda' },
    { name: 'migrate_disks', type: 'string', value: 'vdb' },
    { name: 'auto_converge.initial', type: 'int', value: 20 },
  ])
})

test('error codes have names', () => {
  expect(errorCodeName(42)).toBe('no_domain')
  expect(errorCodeName(78)).toBe('operation_aborted')
  expect(errorCodeName(4711)).toBe('unknown')
})

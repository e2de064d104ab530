import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ProtocolError } from '../errors'
import { encodeFrame, FRAME_BYTES_MAX, type Frame, FrameSplitter, HEADER_BYTES } from './frame'

const word = fc.integer({ min: 0, max: 2 ** 32 - 1 })
const frame: fc.Arbitrary<Frame> = fc.record({
  program: word,
  version: word,
  procedure: word,
  type: word,
  serial: word,
  status: word,
  payload: fc.uint8Array({ maxLength: 300 }).map((value) => Buffer.from(value)),
})

test('a frame is its length, six words, and the payload', () => {
  const bytes = encodeFrame({
    program: 0x20008086,
    version: 1,
    procedure: 2,
    type: 3,
    serial: 4,
    status: 5,
    payload: Buffer.from('aabbccdd', 'hex'),
  })
  expect(bytes.toString('hex')).toBe('00000020200080860000000100000002000000030000000400000005aabbccdd')
})

test('frames come out whole, wherever the stream was cut', () => {
  fc.assert(
    fc.property(
      fc.array(frame, { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 90 })),
      (frames, cuts) => {
        const stream = Buffer.concat(frames.map(encodeFrame))
        const splitter = new FrameSplitter()
        const seen: Frame[] = []
        let at = 0
        for (const cut of cuts) {
          seen.push(...splitter.push(stream.subarray(at, at + cut)))
          at = Math.min(stream.length, at + cut)
        }
        seen.push(...splitter.push(stream.subarray(at)))
        expect(seen).toEqual(frames)
      },
    ),
  )
})

test('a large message in small chunks takes no quadratic time', () => {
  const payload = Buffer.alloc(8 * 1024 * 1024, 7)
  const stream = encodeFrame({ program: 1, version: 1, procedure: 1, type: 1, serial: 1, status: 0, payload })
  const splitter = new FrameSplitter()
  const seen: Frame[] = []
  const startedAt = performance.now()
  for (let at = 0; at < stream.length; at += 1024) seen.push(...splitter.push(stream.subarray(at, at + 1024)))
  expect(seen).toHaveLength(1)
  expect(seen[0]?.payload.equals(payload)).toBe(true)
  // Joining at every chunk would move 32 GiB.
  expect(performance.now() - startedAt).toBeLessThan(2000)
})

describe('an impossible length is a ProtocolError, at once', () => {
  const length = (value: number) => {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32BE(value)
    return bytes
  }
  test.each([0, HEADER_BYTES - 1, FRAME_BYTES_MAX + 1, 2 ** 32 - 1])('%d', (value) => {
    expect(() => new FrameSplitter().push(length(value))).toThrow(ProtocolError)
  })
  test('the largest is waited for', () => {
    expect(new FrameSplitter().push(length(FRAME_BYTES_MAX))).toEqual([])
  })
  test('too large to send', () => {
    const payload = Buffer.alloc(FRAME_BYTES_MAX)
    expect(() =>
      encodeFrame({ program: 1, version: 1, procedure: 1, type: 0, serial: 1, status: 0, payload }),
    ).toThrow(ProtocolError)
  })
})

import { describe, expect, it } from 'vitest'
import { fillFrame, neighbour, tileGrid } from './layout'

const frame = { x: 10, y: 20, width: 200, height: 100 }

describe('the cluster map', () => {
  it('gives every VM the area of its memory', () => {
    const items = [8, 4, 2, 1, 1].map((size) => ({ size }))
    for (const block of fillFrame(items, 32, frame)) {
      expect(block.width * block.height).toBeCloseTo((block.item.size / 32) * 20_000, 6)
    }
  })

  it('keeps blocks inside their host, and apart', () => {
    const blocks = fillFrame(
      Array.from({ length: 23 }, (_, i) => ({ size: 1 + (i % 5) })),
      100,
      frame,
    )
    expect(blocks).toHaveLength(23)
    for (const a of blocks) {
      expect(a.x).toBeGreaterThanOrEqual(frame.x - 1e-6)
      expect(a.x + a.width).toBeLessThanOrEqual(frame.x + frame.width + 1e-6)
      expect(a.y + a.height).toBeLessThanOrEqual(frame.y + frame.height + 1e-6)
      for (const b of blocks) {
        if (a === b) continue
        const apart =
          a.x + a.width <= b.x + 1e-6 ||
          b.x + b.width <= a.x + 1e-6 ||
          a.y + a.height <= b.y + 1e-6 ||
          b.y + b.height <= a.y + 1e-6
        expect(apart).toBe(true)
      }
    }
  })

  it('leaves what is free on top, and never overflows', () => {
    const [block] = fillFrame([{ size: 50 }], 100, frame)
    expect(block).toMatchObject({ y: 70, height: 50 })
    expect(fillFrame([{ size: 300 }], 100, frame)[0]).toMatchObject({ y: 20, height: 100 })
    expect(fillFrame([], 100, frame)).toEqual([])
  })

  it('puts up to 96 hosts into a wide window', () => {
    const { boxes, height } = tileGrid(96, 1400)
    expect(boxes.every((box) => box.x + box.width <= 1400)).toBe(true)
    expect(height).toBeLessThan(900)
  })

  it('is walked with the arrow keys', () => {
    const [a, b, c] = [
      { x: 0, y: 0, width: 10, height: 10 },
      { x: 20, y: 0, width: 10, height: 10 },
      { x: 0, y: 20, width: 10, height: 10 },
    ] as const
    expect(neighbour([a, b, c], a, 'ArrowRight')).toBe(b)
    expect(neighbour([a, b, c], a, 'ArrowDown')).toBe(c)
    expect(neighbour([a, b, c], a, 'ArrowLeft')).toBeUndefined()
  })
})

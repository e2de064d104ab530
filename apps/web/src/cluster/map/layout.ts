export interface Box {
  x: number
  y: number
  width: number
  height: number
}

/** Tiles in rows of equal size that fill `width`; smaller when there are many. */
export function tileGrid(count: number, width: number): { boxes: Box[]; height: number } {
  const gap = 8
  const wanted = count <= 4 ? 300 : count <= 16 ? 200 : count <= 48 ? 150 : 110
  const most = Math.max(1, Math.floor((width + gap) / (wanted + gap)))
  // Rows of equal length look better than full ones and a stub.
  const columns = Math.max(1, Math.ceil(count / Math.max(1, Math.ceil(count / most))))
  const tile = Math.floor((width - gap * (columns - 1)) / columns)
  const height = Math.round(Math.min(Math.max(tile * 0.62, 84), 190))
  const boxes = Array.from({ length: count }, (_, i) => ({
    x: (i % columns) * (tile + gap),
    y: Math.floor(i / columns) * (height + gap),
    width: tile,
    height,
  }))
  const rows = Math.ceil(count / columns)
  return { boxes, height: rows * height + Math.max(0, rows - 1) * gap }
}

/**
 * Blocks in a frame: each block's area is to the frame's as its size is to `total`; they fill the frame from below,
 * as near to squares as they can be, so that what stays empty on top is what is free. Sizes larger than `total`
 * together are scaled to fit.
 */
export function fillFrame<T extends { size: number }>(
  items: readonly T[],
  total: number,
  frame: Box,
): (Box & { item: T })[] {
  const sum = items.reduce((all, item) => all + item.size, 0)
  if (sum <= 0 || frame.width <= 0 || frame.height <= 0) return []
  const used = frame.height * Math.min(1, sum / Math.max(total, 1))
  const area: Box = { ...frame, y: frame.y + frame.height - used, height: used }
  return squarified(
    [...items].sort((a, b) => b.size - a.size),
    area,
  )
}

/** Bruls, Huizing and van Wijk's treemap: rows along the shorter side, each as square as it gets. */
function squarified<T extends { size: number }>(items: T[], area: Box): (Box & { item: T })[] {
  const placed: (Box & { item: T })[] = []
  const sum = items.reduce((all, item) => all + item.size, 0)
  const scale = (area.width * area.height) / sum
  let rest = { ...area }
  let from = 0
  while (from < items.length) {
    const side = Math.min(rest.width, rest.height)
    let to = from + 1
    let worst = aspect(items.slice(from, to), side, scale)
    while (to < items.length) {
      const next = aspect(items.slice(from, to + 1), side, scale)
      if (next > worst) break
      worst = next
      to++
    }
    const row = items.slice(from, to)
    const thickness = (row.reduce((all, item) => all + item.size, 0) * scale) / side
    const wide = rest.width >= rest.height
    let along = 0
    for (const item of row) {
      const length = (item.size * scale) / thickness
      placed.push(
        wide
          ? { item, x: rest.x, y: rest.y + along, width: thickness, height: length }
          : { item, x: rest.x + along, y: rest.y, width: length, height: thickness },
      )
      along += length
    }
    rest = wide
      ? { ...rest, x: rest.x + thickness, width: rest.width - thickness }
      : { ...rest, y: rest.y + thickness, height: rest.height - thickness }
    from = to
  }
  return placed
}

/** How far the worst block of a row is from a square: 1 is one. */
function aspect(row: { size: number }[], side: number, scale: number): number {
  const areas = row.map((item) => item.size * scale)
  const sum = areas.reduce((all, area) => all + area, 0)
  const square = side * side
  return Math.max(...areas.map((area) => Math.max((square * area) / sum ** 2, sum ** 2 / (square * area))))
}

/** The box that one gets to from `from` with an arrow key: the nearest whose middle lies that way. */
export function neighbour<T extends Box>(boxes: readonly T[], from: Box, key: string): T | undefined {
  const middle = (box: Box) => ({ x: box.x + box.width / 2, y: box.y + box.height / 2 })
  const start = middle(from)
  const scored = boxes.map((box) => {
    const end = middle(box)
    const dx = end.x - start.x
    const dy = end.y - start.y
    const [ahead, aside] =
      key === 'ArrowRight'
        ? [dx, dy]
        : key === 'ArrowLeft'
          ? [-dx, dy]
          : key === 'ArrowDown'
            ? [dy, dx]
            : [-dy, dx]
    return { box, score: ahead <= 1 ? Number.POSITIVE_INFINITY : ahead + Math.abs(aside) * 2 }
  })
  const best = scored.reduce<(typeof scored)[number] | undefined>(
    (least, each) => (each.score < (least?.score ?? Number.POSITIVE_INFINITY) ? each : least),
    undefined,
  )
  return best?.box
}

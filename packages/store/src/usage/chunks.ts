import { type UsageQuery, type UsageSeries, type UsageWidth, usageFields, usageWidthMs } from '@drover/model'
import type { UsageBlock } from './port'

export const usageWidths = ['raw', '5m', '1h'] as const satisfies readonly UsageWidth[]

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/**
 * How usage lies in the database: one row holds so many windows of one object, small enough to be overwritten in place;
 * rows lie in partitions by time, which are made ahead and dropped as a whole.
 */
export const layouts: Record<
  UsageWidth,
  { chunkMs: number; keepMs: number; partition: 'hour' | 'day' | 'month' }
> = {
  raw: { chunkMs: 5 * minute, keepMs: 6 * hour, partition: 'hour' },
  '5m': { chunkMs: 3 * hour, keepMs: 30 * day, partition: 'day' },
  '1h': { chunkMs: day, keepMs: 730 * day, partition: 'month' },
}

export interface Partition {
  /** As part of a table's name: `2026112221`. */
  name: string
  fromAt: number
  toAt: number
}

/** The partition of a moment: hours, days and months of UTC. */
export function partitionOf(width: UsageWidth, at: number): Partition {
  const { partition } = layouts[width]
  const iso = new Date(at).toISOString()
  if (partition === 'month') {
    const [year, month] = [Number(iso.slice(0, 4)), Number(iso.slice(5, 7))]
    return {
      name: iso.slice(0, 7).replace('-', ''),
      fromAt: Date.UTC(year, month - 1),
      toAt: Date.UTC(year, month),
    }
  }
  const ms = partition === 'day' ? day : hour
  const fromAt = Math.floor(at / ms) * ms
  return { name: iso.slice(0, partition === 'day' ? 10 : 13).replace(/[-T]/g, ''), fromAt, toAt: fromAt + ms }
}

/** What is to be there at a moment: the partition of now and the two that follow. */
export function partitionsAhead(width: UsageWidth, now: number): Partition[] {
  const first = partitionOf(width, now)
  const second = partitionOf(width, first.toAt)
  return [first, second, partitionOf(width, second.toAt)]
}

/**
 * Which of the partitions that are there (by name) are forgotten at a moment: those that ended longer ago than the width is kept,
 * as long as that much was recorded since. Without the second, a clock that has jumped ahead would forget everything.
 */
export function outlived(width: UsageWidth, now: number, names: readonly string[]): string[] {
  const { keepMs } = layouts[width]
  const present = partitionOf(width, now)
  const oldest = partitionOf(width, now - keepMs)
  const kept = Math.ceil(keepMs / (present.toAt - present.fromAt)) + 1
  return [...names]
    .filter((name) => name <= present.name)
    .sort()
    .reverse()
    .slice(kept)
    .filter((name) => name < oldest.name)
}

/** Part of a block that lies in one row of each object. */
export interface Part {
  chunkAt: number
  /** Windows before it in the row. */
  offset: number
  /** Windows before it in the block. */
  skip: number
  count: number
}

/** A block, cut where rows end. Throws a sentence when it is no block. */
export function partsOf({ width, fromAt, count, ids, columns }: UsageBlock): Part[] {
  const ms = usageWidthMs[width]
  if (fromAt % ms !== 0) throw new Error(`${fromAt} is not the start of a window of ${width}`)
  for (const field of usageFields)
    if (columns[field] && columns[field].length !== count * ids.length)
      throw new Error(`${field} has ${columns[field].length} values instead of ${count * ids.length}`)
  const { chunkMs } = layouts[width]
  const parts: Part[] = []
  for (let skip = 0; skip < count; ) {
    const at = fromAt + skip * ms
    const chunkAt = Math.floor(at / chunkMs) * chunkMs
    const part = {
      chunkAt,
      offset: (at - chunkAt) / ms,
      skip,
      count: Math.min(count - skip, (chunkAt + chunkMs - at) / ms),
    }
    parts.push(part)
    skip += part.count
  }
  return parts
}

/** The answer to a query before anything was found: whole windows, the first one holding `fromAt`. */
export function emptySeries({ ids, width, fromAt, toAt, fields }: UsageQuery): UsageSeries[] {
  const ms = usageWidthMs[width]
  const first = Math.floor(fromAt / ms) * ms
  const length = Math.max(0, Math.ceil((toAt - first) / ms))
  return ids.map((id) => ({
    id,
    width,
    fromAt: first,
    length,
    columns: Object.fromEntries(fields.map((field) => [field, new Float32Array(length).fill(Number.NaN)])),
  }))
}

/** Copies a row's windows to where they belong in a series. */
export function copyChunk(
  into: Float32Array,
  series: UsageSeries,
  chunkAt: number,
  chunk: Float32Array,
): void {
  const at = (chunkAt - series.fromAt) / usageWidthMs[series.width]
  const from = Math.max(0, -at)
  const to = Math.min(chunk.length, series.length - at)
  if (to > from) into.set(chunk.subarray(from, to), at + from)
}

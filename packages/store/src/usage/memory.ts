import type { UsageField, UsageQuery, UsageSeries } from '@drover/model'
import { usageWidthMs } from '@drover/model'
import { copyChunk, emptySeries, layouts, outlived, partitionOf, partsOf, usageWidths } from './chunks'
import type { UsageBlock, UsageStore, UsageWriter } from './port'

type Chunk = Partial<Record<UsageField, Float32Array>>

/** What `MemoryStore` lends: its faults, and who may write. */
export interface MemoryUsagePorts {
  reach(): Promise<void>
  /** Throws `Deposed`. */
  check(writer: UsageWriter): void
}

/** Recorded usage in memory, with the semantics of the PostgreSQL adapter. */
export class MemoryUsage implements UsageStore {
  /** By width, by object, by the start of the chunk. */
  readonly #chunks = new Map(usageWidths.map((width) => [width, new Map<string, Map<number, Chunk>>()]))

  constructor(private readonly ports: MemoryUsagePorts) {}

  async record(blocks: readonly UsageBlock[], writer: UsageWriter): Promise<void> {
    await this.ports.reach()
    this.ports.check(writer)
    for (const block of blocks) {
      const { width, ids, count, columns } = block
      const objects = this.#chunks.get(width)!
      const size = layouts[width].chunkMs / usageWidthMs[width]
      for (const part of partsOf(block))
        for (const [i, id] of ids.entries()) {
          const chunks = objects.get(id) ?? new Map<number, Chunk>()
          objects.set(id, chunks)
          const chunk = chunks.get(part.chunkAt) ?? {}
          chunks.set(part.chunkAt, chunk)
          for (const [field, values] of Object.entries(columns) as [UsageField, Float32Array][]) {
            const from = i * count + part.skip
            const given = values.subarray(from, from + part.count)
            if (given.every(Number.isNaN)) continue
            chunk[field] ??= new Float32Array(size).fill(Number.NaN)
            chunk[field].set(given, part.offset)
          }
        }
    }
  }

  async series(query: UsageQuery): Promise<UsageSeries[]> {
    await this.ports.reach()
    const all = emptySeries(query)
    for (const series of all)
      for (const [chunkAt, chunk] of this.#chunks.get(query.width)!.get(series.id) ?? [])
        for (const field of query.fields)
          if (chunk[field]) copyChunk(series.columns[field]!, series, chunkAt, chunk[field])
    return all
  }

  async upkeep(now: number, writer: UsageWriter): Promise<void> {
    await this.ports.reach()
    this.ports.check(writer)
    for (const [width, objects] of this.#chunks) {
      const nameOf = (chunkAt: number) => partitionOf(width, chunkAt).name
      const there = new Set([...objects.values()].flatMap((chunks) => [...chunks.keys()]).map(nameOf))
      const gone = new Set(outlived(width, now, [...there]))
      for (const [id, chunks] of objects) {
        for (const chunkAt of chunks.keys()) if (gone.has(nameOf(chunkAt))) chunks.delete(chunkAt)
        if (chunks.size === 0) objects.delete(id)
      }
    }
  }
}

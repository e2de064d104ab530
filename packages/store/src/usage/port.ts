import type { UsageField, UsageQuery, UsageSeries, UsageWidth } from '@drover/model'

/** Windows that follow one another, of many objects at once. */
export interface UsageBlock {
  width: UsageWidth
  /** Start of the first window (epoch ms), a multiple of the width. */
  fromAt: number
  /** Windows per object. */
  count: number
  ids: string[]
  /** `count` values for each id, one id after the other; NaN where nothing was heard. Absent fields leave what is there. */
  columns: Partial<Record<UsageField, Float32Array>>
}

/** Who writes: as with batches, only the daemon that holds the term may. */
export interface UsageWriter {
  term: number
  daemon: string
}

/**
 * What was measured, and no history: apart from batches, so that neither waits for the other. Every call may throw
 * `StoreAway`, and then nothing of it happened, or all of it; the same block may be recorded again.
 */
export interface UsageStore {
  /** Writes down these windows, over what was there of the same ones. Throws `Deposed` when the term is another's. */
  record(blocks: readonly UsageBlock[], writer: UsageWriter): Promise<void>
  /** One series for each id, in the order asked; windows that nobody recorded, or that are forgotten, are NaN. */
  series(query: UsageQuery): Promise<UsageSeries[]>
  /**
   * Makes room for what is to come, and forgets what is older than each width is kept, as long as so much was recorded since: a
   * clock that is wrong forgets nothing. Throws as `record`.
   */
  upkeep(now: number, writer: UsageWriter): Promise<void>
}

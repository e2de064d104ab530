import { usageWidthMs } from '@drover/model'
import type { UsageBlock } from '@drover/store'
import type { RecorderPorts } from './recorder'
import { fieldOf, measures, rolledUpBlock, rollUp } from './track'

/** So far back there are samples to make up for it. */
const backMs = 6 * 3_600_000

/**
 * Rolls up what the leaders before did not get to: windows that ended by `endAt` of which there are samples, and nothing that was
 * made of them. Done twice it is as done once. Rejects when the store cannot be reached.
 */
export async function rollUpMissed(
  { store, writer }: Pick<RecorderPorts, 'store' | 'writer'>,
  ids: string[],
  endAt: number,
): Promise<void> {
  for (const width of ['5m', '1h'] as const) {
    const ms = usageWidthMs[width]
    const toAt = Math.floor(endAt / ms) * ms
    const fromAt = Math.ceil((endAt - backMs) / ms) * ms
    const known = await store.series({ ids, width, fromAt, toAt, fields: ['cpuMean', 'wattsMean'] })
    const missed = Array.from({ length: (toAt - fromAt) / ms }, (_, i) => i).filter((i) =>
      known.every(({ columns }) => Object.values(columns).every((column) => Number.isNaN(column[i]!))),
    )
    if (missed.length === 0) continue
    const raw = await store.series({
      ids,
      width: 'raw',
      fromAt: fromAt + missed[0]! * ms,
      toAt: fromAt + (missed.at(-1)! + 1) * ms,
      fields: measures.map((measure) => fieldOf[measure]),
    })
    const count = ms / usageWidthMs.raw
    const blocks = missed.flatMap((i): UsageBlock[] => {
      const first = (i - missed[0]!) * count
      const heard = raw.flatMap(({ id, columns }) => {
        const values = rollUp((measure) => columns[fieldOf[measure]]!.subarray(first, first + count))
        return Object.values(values).every(Number.isNaN) ? [] : [{ id, values }]
      })
      return heard.length === 0 ? [] : [rolledUpBlock(width, fromAt + i * ms, heard)]
    })
    if (blocks.length > 0) await store.record(blocks, writer)
  }
}

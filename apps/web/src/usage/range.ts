import { type UsageWidth, usageWidthMs } from '@drover/model'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** Ranges that end now, by the word of the address. */
export const ranges = {
  hour: { word: '1 hour', ms: hour },
  'six-hours': { word: '6 hours', ms: 6 * hour },
  day: { word: '1 day', ms: day },
  week: { word: '1 week', ms: 7 * day },
  month: { word: '30 days', ms: 30 * day },
  year: { word: '1 year', ms: 365 * day },
} as const
export type RangeName = keyof typeof ranges

/** The narrowest windows that are still kept for a stretch of time and are not more than a screen can show. */
export function widthFor(fromAt: number, toAt: number, now: number): UsageWidth {
  const long = toAt - fromAt
  const back = now - fromAt
  if (long <= 3 * hour && back <= 6 * hour) return 'raw'
  if (long <= 8 * day && back <= 30 * day) return '5m'
  return '1h'
}

/** Figures on one axis of time: `times` in epoch seconds, as uPlot wants them; null where nothing was heard. */
export interface Aligned {
  times: number[]
  columns: Record<string, (number | null)[]>
}

/** A recorded series on its axis; NaN, and what JSON makes of it, becomes null. */
export function aligned(
  series: { fromAt: number; length: number; columns: Record<string, ArrayLike<number | null> | undefined> },
  width: UsageWidth,
): Aligned {
  const step = usageWidthMs[width] / 1_000
  const times = Array.from({ length: series.length }, (_, i) => series.fromAt / 1_000 + i * step)
  const columns = Object.fromEntries(
    Object.entries(series.columns).map(([field, values]) => [
      field,
      times.map((_, i) => {
        const value = values?.[i]
        return typeof value === 'number' && Number.isFinite(value) ? value : null
      }),
    ]),
  )
  return { times, columns }
}

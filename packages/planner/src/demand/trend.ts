import { median } from './percentile'

/** More points than this are thinned out: the slope of pairs costs their square. */
const points = 64

/** A straight line through a series that single outliers do not turn. */
export interface Trend {
  /** By which it rises in each millisecond, and where it stands at `at`. */
  perMs: number
  at: number
  value: number
}

/**
 * The line of Theil and Sen: the median of the slopes of all pairs. Null with fewer than three points, or with all at the same
 * time.
 */
export function trendOf(series: readonly { at: number; value: number }[]): Trend | null {
  const every = Math.max(1, Math.ceil(series.length / points))
  const some = series.filter((_, i) => (series.length - 1 - i) % every === 0)
  if (some.length < 3) return null
  const slopes: number[] = []
  for (const [i, a] of some.entries())
    for (const b of some.slice(i + 1)) if (b.at !== a.at) slopes.push((b.value - a.value) / (b.at - a.at))
  if (slopes.length === 0) return null
  const perMs = median(slopes)
  const at = Math.max(...some.map((one) => one.at))
  return { perMs, at, value: median(some.map((one) => one.value + perMs * (at - one.at))) }
}

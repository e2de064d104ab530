import { weightedPercentile } from './percentile'
import { trendOf } from './trend'
import { type DemandWindow, raiseOf, windowsUntil } from './window'

export interface EstimateAsk {
  /** The moment of the question. Nothing that had not ended by then is looked at. */
  at: number
  /** For how long ahead the demand is wanted. */
  aheadMs: number
  /** How far back "lately" goes, */
  recentMs: number
  /** and the share of that time that the answer covers. */
  percentile: number
  /** How many former days are looked at for the time of day; 0: none. */
  days: number
  /** A value is never above this: what the VM has been given. Absent: no ceiling. */
  ceiling?: number
}

export const defaultEstimate: Omit<EstimateAsk, 'at'> = {
  aheadMs: 15 * 60_000,
  recentMs: 60 * 60_000,
  percentile: 0.95,
  days: 7,
}

/** What an estimate rests on; whoever shows it makes a sentence of it. */
export interface EstimateBasis {
  /** Which of the parts below decided: the highest did. `none`: there is no history. */
  decidedBy: 'recent' | 'trend' | 'timeOfDay' | 'none'
  /** Windows of lately, and from when until when. */
  windows: number
  fromAt: number | null
  untilAt: number | null
  percentile: number
  /** What each part says; null: it had too little to say anything. */
  recent: number | null
  trend: { value: number; perHour: number } | null
  timeOfDay: { value: number; days: number } | null
  /** Lately, the share of time it had to wait for the resource, and by how much the value was raised for it. */
  waiting: number
  raisedBy: number
  capped: boolean
}

export interface Estimate {
  /** What is to be reckoned with in the time ahead: a high percentile, in the resource's unit. */
  value: number
  /** What is expected on average, and the standard deviation about it. */
  mean: number
  sd: number
  basis: EstimateBasis
}

const dayMs = 24 * 3_600_000
/** Of a trend only as far ahead as it was seen is believed. */
const trendShare = 1

/**
 * What a VM will ask for, from its own history: lately, its trend, and the same time on former days; the highest of these
 * counts. What it had to wait for counts as asked for, before what it used.
 */
export function estimateDemand(windows: readonly DemandWindow[], ask: EstimateAsk): Estimate {
  const { at, recentMs, percentile } = ask
  const lately = windowsUntil(windows, at, at - recentMs)
  const recent = weightedPercentile(lately.map(peak), percentile)
  const trend = ahead(lately, ask)
  const timeOfDay = sameTime(windows, ask)
  const parts = [
    ['recent', recent],
    ['trend', trend?.value ?? null],
    ['timeOfDay', timeOfDay?.value ?? null],
  ] as const
  let decidedBy: EstimateBasis['decidedBy'] = 'none'
  let value = 0
  for (const [name, one] of parts)
    if (one !== null && (decidedBy === 'none' || one > value)) [decidedBy, value] = [name, one]
  const moments = momentsOf(lately)
  const capped = ask.ceiling !== undefined && value > ask.ceiling
  if (capped) value = ask.ceiling!
  return {
    value,
    mean: Math.min(value, Math.max(moments.mean, trend && decidedBy === 'trend' ? trend.mean : 0)),
    sd: moments.sd,
    basis: {
      decidedBy,
      windows: lately.length,
      fromAt: lately[0]?.at ?? null,
      untilAt: lately.length > 0 ? Math.max(...lately.map((one) => one.at + one.widthMs)) : null,
      percentile,
      recent,
      trend: trend && { value: trend.value, perHour: trend.perMs * 3_600_000 },
      timeOfDay,
      waiting: moments.waiting,
      raisedBy: moments.raisedBy,
      capped,
    },
  }
}

/** A window as a value: the high one it recorded, raised for what it waited. */
function peak(window: DemandWindow): { value: number; weight: number } {
  return { value: (window.p95 ?? window.max ?? window.avg) * raiseOf(window), weight: window.widthMs }
}

/** Where a rise goes on to: the high values, not their mean. A fall is not counted on. */
function ahead(lately: readonly DemandWindow[], { at, aheadMs, recentMs, percentile }: EstimateAsk) {
  const line = trendOf(lately.map((one) => ({ at: one.at + one.widthMs / 2, value: one.avg * raiseOf(one) })))
  if (!line || line.perMs <= 0) return null
  const reach = at + Math.min(aheadMs, recentMs * trendShare)
  const base = line.value + line.perMs * (reach - line.at)
  const above = weightedPercentile(
    lately.map((one) => {
      const { value, weight } = peak(one)
      return { value: value - (line.value + line.perMs * (one.at + one.widthMs / 2 - line.at)), weight }
    }),
    percentile,
  )
  return { value: base + Math.max(0, above ?? 0), mean: base, perMs: line.perMs }
}

/** The same time of day, from now until as far ahead as is asked, on the days before: the middle of their peaks. */
function sameTime(windows: readonly DemandWindow[], { at, aheadMs, days, percentile }: EstimateAsk) {
  const peaks: { value: number; weight: number }[] = []
  for (let day = 1; day <= days; day += 1) {
    const from = at - day * dayMs
    const then = windows.filter((one) => one.at < from + aheadMs && one.at + one.widthMs > from)
    const past = then.filter((one) => one.at + one.widthMs <= at)
    const value = weightedPercentile(past.map(peak), percentile)
    if (value !== null) peaks.push({ value, weight: 1 })
  }
  // One day may have been unlike the others; of two or more the middle one is believed.
  const value = peaks.length >= 2 ? weightedPercentile(peaks, 0.5) : null
  return value === null ? null : { value, days: peaks.length }
}

function momentsOf(lately: readonly DemandWindow[]) {
  let [weight, sum, squares, waiting, used] = [0, 0, 0, 0, 0]
  for (const one of lately) {
    const value = one.avg * raiseOf(one)
    weight += one.widthMs
    sum += value * one.widthMs
    squares += value * value * one.widthMs
    waiting += (one.waiting ?? 0) * one.widthMs
    used += one.avg * one.widthMs
  }
  if (weight === 0) return { mean: 0, sd: 0, waiting: 0, raisedBy: 0 }
  const mean = sum / weight
  const between = Math.max(0, squares / weight - mean * mean)
  // Within a window: a 95th percentile lies 1.64 standard deviations above the mean.
  const within =
    lately.reduce((total, one) => {
      const high = one.p95 ?? one.avg
      return total + (Math.max(0, (high - one.avg) * raiseOf(one)) / 1.645) ** 2 * one.widthMs
    }, 0) / weight
  return {
    mean,
    sd: Math.sqrt(between + within),
    waiting: waiting / weight,
    raisedBy: (sum - used) / weight,
  }
}

import { type UsageField, type UsageWidth, usageFields } from '@drover/model'
import type { PastHours, RecentUsage } from '@drover/planner'
import type { UsageBlock } from '@drover/store'

/** What is measured of an object at once. */
export const measures = ['cpu', 'memory', 'disk', 'network', 'pressure', 'watts', 'savedWatts'] as const
export type Measure = (typeof measures)[number]
/** Where samples are kept among the fields of usage. */
export const fieldOf: Record<Measure, UsageField> = {
  cpu: 'cpuMean',
  memory: 'memoryMean',
  disk: 'diskMean',
  network: 'networkMean',
  pressure: 'pressureMean',
  watts: 'wattsMean',
  savedWatts: 'savedWattsMean',
}

/** By measure; NaN: not heard. */
export type Sample = Record<Measure, number>

/** Raw windows in five minutes, and in an hour. */
export const rawPer5m = 15
export const rawPerHour = 180
/** What has to be remembered of them: an hour, and a little longer where it waits for what was recorded before. */
export const rawKept = rawPerHour + rawPer5m
/** Windows of five minutes that estimates look at: two hours. */
export const recentWindows = 24
/** Hours of the past that say what is usual at a time of day: a week. */
export const pastHours = 168

/** Of each five minutes, what estimates look at. */
export const recentFields = [
  'cpuMean',
  'cpuP95',
  'memoryMean',
  'diskMean',
  'networkMean',
  'pressureMean',
] as const
export const hourFields = ['cpuMean', 'cpuP95'] as const

/** Values in a row of their own, the oldest overwritten by the newest; NaN where there is none. Indexed by window number. */
export class Ring {
  readonly values: Float32Array

  constructor(private readonly size: number) {
    this.values = new Float32Array(size).fill(Number.NaN)
  }

  set(window: number, value: number): void {
    this.values[window % this.size] = value
  }

  /** Windows of before, where nothing newer is known; `newest`: the last window that there was. */
  fill(newest: number, first: number, values: Float32Array): void {
    for (const [i, value] of values.entries()) {
      if (first + i + this.size <= newest) continue
      const at = (first + i) % this.size
      if (Number.isNaN(this.values[at]!)) this.values[at] = value
    }
  }

  /** The `count` windows before `end`. */
  before(end: number, count: number): Float32Array {
    const found = new Float32Array(count)
    for (let i = 0; i < count; i += 1) found[i] = this.values[(end - count + i) % this.size]!
    return found
  }
}

/** What control remembers of one object's usage: this hour as measured, two hours by five minutes, a week by hours. */
export class Track {
  /** The window of 20 s that something was last heard in. */
  heard = -1
  readonly raw = rings(measures, rawKept)
  readonly recent = rings(recentFields, recentWindows)
  readonly hours = rings(hourFields, pastHours)

  note(window: number, sample: Sample): void {
    for (const measure of measures) this.raw[measure].set(window, sample[measure])
    if (measures.some((measure) => !Number.isNaN(sample[measure]))) this.heard = window
  }

  /** Remembers a window that was rolled up. */
  keep(width: '5m' | '1h', window: number, values: Record<UsageField, number>): void {
    if (width === '5m') for (const field of recentFields) this.recent[field].set(window, values[field])
    else for (const field of hourFields) this.hours[field].set(window, values[field])
  }

  /** So many windows of five minutes before `end`. */
  lately(end: number, count: number): RecentUsage {
    return columns(this.recent, end, count)
  }

  /** The week before `end`, by hours. */
  past(end: number): PastHours {
    return columns(this.hours, end, pastHours)
  }

  /** The raw windows before `end` as one: by every field, NaN where nothing was heard. */
  rolledUp(end: number, count: number): Record<UsageField, number> {
    return rollUp((measure) => this.raw[measure].before(end, count))
  }
}

/** Samples as one window: by every field, NaN where nothing was heard. */
export function rollUp(samplesOf: (measure: Measure) => Float32Array): Record<UsageField, number> {
  const of = (measure: Measure) => samplesOf(measure).filter((value) => !Number.isNaN(value))
  const cpu = of('cpu').sort()
  const memory = of('memory').sort()
  return {
    cpuMean: mean(cpu),
    cpuP95: percentile(cpu, 0.95),
    cpuMax: cpu.at(-1) ?? Number.NaN,
    memoryMean: mean(memory),
    memoryMax: memory.at(-1) ?? Number.NaN,
    diskMean: mean(of('disk')),
    networkMean: mean(of('network')),
    pressureMean: mean(of('pressure')),
    wattsMean: mean(of('watts')),
    savedWattsMean: mean(of('savedWatts')),
  }
}

/** Windows of one time, ready to be recorded. */
export function rolledUpBlock(
  width: Exclude<UsageWidth, 'raw'>,
  fromAt: number,
  windows: readonly { id: string; values: Record<UsageField, number> }[],
): UsageBlock {
  const columns = Object.fromEntries(
    usageFields.map((field) => [field, Float32Array.from(windows, ({ values }) => values[field])]),
  )
  return { width, fromAt, count: 1, ids: windows.map(({ id }) => id), columns }
}

function columns<K extends string>(of: Record<K, Ring>, end: number, count: number): Record<K, Float32Array> {
  return Object.fromEntries(
    (Object.entries(of) as [K, Ring][]).map(([name, ring]) => [name, ring.before(end, count)]),
  ) as Record<K, Float32Array>
}

function rings<K extends string>(names: readonly K[], size: number): Record<K, Ring> {
  return Object.fromEntries(names.map((name) => [name, new Ring(size)])) as Record<K, Ring>
}

function mean(values: Float32Array): number {
  return values.length > 0 ? values.reduce((sum, value) => sum + value, 0) / values.length : Number.NaN
}

/** Of sorted values, the one that so many of all do not exceed. */
function percentile(sorted: Float32Array, share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}

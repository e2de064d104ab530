import type { Demand } from '@drover/model'

/** Windows of five minutes, the newest last, all columns alike long; NaN: not heard. CPU in cores, memory in bytes. */
export interface RecentUsage {
  cpuMean: Float32Array
  /** What it did not exceed for 95 % of the window. */
  cpuP95: Float32Array
  memoryMean: Float32Array
  diskMean: Float32Array
  networkMean: Float32Array
  pressureMean: Float32Array
}

/** Whole hours that have passed, the newest last: a week of them, for what is usual at a time of day. */
export interface PastHours {
  cpuMean: Float32Array
  cpuP95: Float32Array
}

/** Windows that say how much it is now: half an hour. */
const level = 6
/** Windows of which contention counts: a quarter of an hour. */
const lately = 3
/** Hours ahead of which it is said what they need at their highest. */
const hoursAhead = 12
/** What is below so much of all that was before is a new level. */
const fallen = 0.8
const day = 24
const hourMs = 3_600_000

/**
 * What a VM is expected to need for the coming while, from its own past: the level of half an hour, a rise that goes on, and
 * the usual rise at this time of day; what it seldom exceeds, from two hours and from this time of day; what it wanted and
 * did not get. `past.…[last]` is the hour before the one that holds `at`. Null: nothing is known of it.
 */
export function expectDemand(recent: RecentUsage, past: PastHours | null, at: number): Demand | null {
  const windows = { from: 0, to: recent.cpuMean.length }
  return expectDemandWithin(recent, windows, past, { from: 0, to: past?.cpuMean.length ?? 0 }, at)
}

/** A part of longer columns, from and up to these indexes. */
export interface Part {
  from: number
  to: number
}

/** The same from parts of longer columns. */
export function expectDemandWithin(
  recent: RecentUsage,
  { from, to }: Part,
  past: PastHours | null,
  hours: Part,
  at: number,
): Demand | null {
  const { cpuMean, cpuP95, memoryMean, diskMean, networkMean, pressureMean } = recent
  const since = Math.max(from, to - level)
  const now = meanOf(cpuMean, newLevel(cpuMean, since, to), to)
  const heard = Number.isNaN(now) ? meanOf(cpuMean, from, to) : now
  if (Number.isNaN(heard)) return null
  const days = past ? daysOf(past.cpuMean, hours) : 0
  const rise = riseOf(cpuMean, since, to)
  const usual = days >= 2 ? usualRise(past!.cpuMean, hours, at) : 0
  const cpu = heard + Math.max(0, rise, Math.min(usual, heard))
  const aheadCpu = days >= 2 ? highsAhead(past!.cpuP95, hours) : null
  const high = percentile(cpuP95, from, to, 0.95)
  const cpuHigh = Math.max(cpu, high, aheadCpu ? Math.max(aheadCpu[0]!, aheadCpu[1]!) : 0)
  const demand: Demand = {
    cpu,
    cpuHigh,
    memory: orNone(percentile(memoryMean, newLevel(memoryMean, from, to), to, 0.95)),
    disk: orNone(meanOf(diskMean, since, to)),
    network: orNone(meanOf(networkMean, since, to)),
    pressure: orNone(meanOf(pressureMean, Math.max(from, to - lately), to)),
    basis: basisOf(to - from, days),
  }
  if (aheadCpu) demand.aheadCpu = aheadCpu
  return demand
}

function basisOf(windows: number, days: number): string {
  const minutes = windows * 5
  const span = minutes % 60 === 0 ? `${minutes / 60} h` : `${minutes} min`
  const usual = days >= 2 ? `, and this time of day on ${days} days` : ''
  return `mean and trend of ${level * 5} min, 95th percentile of ${span}${usual}`
}

/**
 * Where the present level begins: `from`, or later where it fell: then the newest windows, at least two of them, are all well
 * below every one before them, and what was before says nothing of what is to come. Rises are seen by their own measure.
 */
function newLevel(values: Float32Array, from: number, to: number): number {
  // Asked for every VM of every window of a backtest: nearly always this is enough.
  if (to - from < 3 || values[to - 1]! >= fallen * values[from]!) return from
  let lowest = Number.POSITIVE_INFINITY
  for (let i = from; i < to; i += 1) {
    lowestBefore[i - from] = lowest
    if (values[i]! < lowest) lowest = values[i]!
  }
  let highest = Number.NEGATIVE_INFINITY
  for (let i = to - 1; i > from; i -= 1) {
    if (values[i]! > highest) highest = values[i]!
    const before = lowestBefore[i - from]!
    if (to - i >= 2 && highest < fallen * before && before < Number.POSITIVE_INFINITY) return i
  }
  return from
}

const lowestBefore = new Float64Array(64)

/** How much it rose within the last half hour: its mean is of a quarter of an hour ago, and so much has come since. */
function riseOf(values: Float32Array, from: number, to: number): number {
  const half = to - level / 2
  return Math.max(0, meanOf(values, half, to) - meanOf(values, from, half)) || 0
}

/** By how much the coming hour is usually above this one, at this time of day. */
function usualRise(values: Float32Array, hours: Part, at: number): number {
  const now = usualAt(values, hours, hours.to - day)
  const next = usualAt(values, hours, hours.to - day + 1)
  const passed = (at % hourMs) / hourMs
  return Number.isNaN(next - now) ? 0 : (next - now) * passed
}

/** The mean of that hour and those whole days before it. */
function usualAt(values: Float32Array, { from }: Part, index: number): number {
  let sum = 0
  let count = 0
  for (let i = index; i >= from; i -= day) {
    const value = values[i]!
    if (Number.isNaN(value)) continue
    sum += value
    count += 1
  }
  return count > 0 ? sum / count : Number.NaN
}

/** The highest but one of the same hours of a week (of few: the highest), for each of the coming hours; rounded up. */
function highsAhead(values: Float32Array, { from, to }: Part): number[] {
  const highs = new Array<number>(hoursAhead)
  for (let hour = 0; hour < hoursAhead; hour += 1) {
    let first = 0
    let second = 0
    let count = 0
    for (let i = to - day + hour; i >= from; i -= day) {
      const value = values[i]!
      if (Number.isNaN(value)) continue
      count += 1
      if (value > first) {
        second = first
        first = value
      } else if (value > second) second = value
    }
    highs[hour] = Math.ceil((count >= 4 ? second : first) * 100) / 100
  }
  return highs
}

/** Days of the past of which something is known at this time of day. */
function daysOf(values: Float32Array, { from, to }: Part): number {
  let days = 0
  for (let i = to - day; i >= from; i -= day) if (!Number.isNaN(values[i]!)) days += 1
  return days
}

function meanOf(values: Float32Array, from: number, to: number): number {
  let sum = 0
  let count = 0
  for (let i = Math.max(0, from); i < to; i += 1) {
    const value = values[i]!
    if (Number.isNaN(value)) continue
    sum += value
    count += 1
  }
  return count > 0 ? sum / count : Number.NaN
}

const orNone = (value: number): number => (Number.isNaN(value) ? 0 : value)

const highest = new Float32Array(64)

/** What so many of all that were heard do not exceed; NaN: none was. */
function percentile(values: Float32Array, from: number, to: number, share: number): number {
  let count = 0
  for (let i = from; i < to; i += 1) if (!Number.isNaN(values[i]!)) count += 1
  if (count === 0) return Number.NaN
  // It is among the highest few: only those are kept in order.
  const keep = Math.min(highest.length, count - Math.ceil(share * count) + 1)
  highest.fill(Number.NEGATIVE_INFINITY, 0, keep)
  for (let i = from; i < to; i += 1) {
    const value = values[i]!
    if (!(value > highest[keep - 1]!)) continue
    let at = keep - 1
    for (; at > 0 && highest[at - 1]! < value; at -= 1) highest[at] = highest[at - 1]!
    highest[at] = value
  }
  return highest[keep - 1]!
}

/** How wide a window of the recorded usage is. Raw ones are kept for hours, 5 minutes for 30 days, hours for 2 years. */
export type UsageWidth = 'raw' | '5m' | '1h'

export const usageWidthMs: Record<UsageWidth, number> = { raw: 20_000, '5m': 300_000, '1h': 3_600_000 }

/** What is recorded of VMs and hosts. CPU in cores, memory in bytes, rates per second, pressure 0 to 1, power in watts. */
export const usageFields = [
  'cpuMean',
  'cpuP95',
  'cpuMax',
  'memoryMean',
  'memoryMax',
  'diskMean',
  'networkMean',
  /** What it wanted and did not get: steal and ready time for VMs, CPU or memory stall for hosts. */
  'pressureMean',
  'wattsMean',
  'savedWattsMean',
] as const
export type UsageField = (typeof usageFields)[number]

/** Recorded usage of one object: columns of equal length; NaN where nothing was heard. */
export interface UsageSeries {
  /** A host's or VM's id. */
  id: string
  width: UsageWidth
  /** Start of the first window (epoch ms); the i-th starts `i * usageWidthMs[width]` later. */
  fromAt: number
  columns: Partial<Record<UsageField, Float32Array>>
  length: number
}

export interface UsageQuery {
  ids: string[]
  width: UsageWidth
  fromAt: number
  toAt: number
  fields: readonly UsageField[]
}

/** One raw sample of one object; absent fields were not heard. */
export interface UsageSample {
  id: string
  cpu: number
  memory: number
  disk: number
  network: number
  pressure: number | null
  watts: number | null
  savedWatts: number | null
}

/** What a VM is expected to need for the coming while, and on what that rests. CPU in cores, memory in bytes. */
export interface Demand {
  cpu: number
  /** What it seldom exceeds. */
  cpuHigh: number
  memory: number
  disk: number
  network: number
  /** 0 to 1: what it wanted and did not get. */
  pressure: number
  /** CPU in cores at its highest in each of the coming hours, the first being the present one, from its own past; absent: not known. */
  aheadCpu?: number[]
  /** "95th percentile of 2 h, and of this time of day on 7 days", in words. */
  basis: string
}

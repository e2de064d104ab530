import type { VmUsage } from '@drover/model'
import { at, noise, seedOf } from './random'

/** How busy a guest is: what it does on an average day, and how far it strays from that. */
export interface LoadProfile {
  seed: number
  /** Mean share of its vCPUs, 0 to 1. */
  cpu: number
  /** How much the time of day moves it, 0 (not at all) to 1 (quiet at night). */
  swing: number
  /** Hour of the day (UTC) when it is busiest. */
  peakHour: number
  /** Chance of a burst within any five minutes. */
  burst: number
  /** Share of its memory in use. */
  memory: number
  /** How fast it overwrites memory when its vCPUs are fully busy; what a live migration has to outrun. */
  dirtyBytesPerSecond: number
  diskBytesPerSecond: number
  networkBytesPerSecond: number
  /** What it does instead of an average day, point by point, and evenly between them; by time, at least one. */
  course?: readonly LoadPoint[]
}

/** Shares of its vCPUs and of its memory that a guest uses at a moment. */
export interface LoadPoint {
  /** Epoch ms. */
  at: number
  cpu: number
  memory: number
}

const dayMs = 86_400_000
const burstMs = 300_000
const MB = 1_000_000

/** The profile of a guest nobody described: drawn from its uuid, mostly idle as fleets are. */
export function profileOf(uuid: string, seed: number): LoadProfile {
  const own = (seedOf(uuid) ^ seed) >>> 0
  const draw = (place: number) => at(own, place)
  const cpu = 0.04 + 0.5 * draw(1) ** 2.5
  return {
    seed: own,
    cpu,
    swing: 0.2 + 0.6 * draw(2),
    // Most work by day, some backs up by night.
    peakHour: draw(3) < 0.85 ? 10 + 7 * draw(4) : 1 + 3 * draw(4),
    burst: 0.02 + 0.1 * draw(5),
    memory: 0.35 + 0.5 * draw(6),
    dirtyBytesPerSecond: (5 + 250 * draw(7) ** 2) * MB,
    diskBytesPerSecond: (0.2 + 30 * draw(8) ** 3) * MB,
    networkBytesPerSecond: (0.1 + 40 * draw(9) ** 3) * MB,
  }
}

/** Share of its vCPUs that the guest wants at that moment, 0 to 1: time of day, noise at two scales, bursts. */
export function demand(profile: LoadProfile, now: number): number {
  if (profile.course) return clamp(along(profile.course, now).cpu, 0.002, 1)
  const hour = (now % dayMs) / 3_600_000
  const day = 1 + profile.swing * Math.cos(((hour - profile.peakHour) / 24) * 2 * Math.PI)
  const slow = 0.7 + 0.6 * noise(profile.seed, now, 90_000)
  const fast = 0.8 + 0.4 * noise(profile.seed + 1, now, 7_000)
  return clamp(profile.cpu * day * slow * fast + burstAt(profile, now), 0.002, 1)
}

/** A guest at work. `cores` is what it got of what it wanted. */
export function usageOf(
  profile: LoadProfile,
  vm: { vcpus: number; memoryBytes: number },
  cores: number,
  now: number,
): VmUsage {
  const busy = cores / vm.vcpus
  const disk = profile.diskBytesPerSecond * (0.2 + busy) * (0.5 + noise(profile.seed + 2, now, 11_000))
  const network = profile.networkBytesPerSecond * (0.2 + busy) * (0.5 + noise(profile.seed + 3, now, 5_000))
  return {
    cpu: cores,
    memoryUsedBytes: Math.round(vm.memoryBytes * memoryShare(profile, now)),
    diskReadBytesPerSecond: Math.round(disk * 0.6),
    diskWriteBytesPerSecond: Math.round(disk * 0.4),
    networkInBytesPerSecond: Math.round(network * 0.45),
    networkOutBytesPerSecond: Math.round(network * 0.55),
  }
}

/** Share of its memory that the guest uses at that moment, 0 to 1. */
export function memoryShare(profile: LoadProfile, now: number): number {
  const { course, memory, seed } = profile
  return clamp(
    course ? along(course, now).memory : memory * (0.92 + 0.16 * noise(seed + 4, now, 600_000)),
    0.05,
    0.98,
  )
}

function along(course: readonly LoadPoint[], now: number): LoadPoint {
  const next = course.findIndex(({ at }) => at > now)
  if (next <= 0) return course.at(next)!
  const [before, after] = [course[next - 1]!, course[next]!]
  const part = (now - before.at) / (after.at - before.at)
  const between = (what: 'cpu' | 'memory') => before[what] + part * (after[what] - before[what])
  return { at: now, cpu: between('cpu'), memory: between('memory') }
}

function burstAt(profile: LoadProfile, now: number): number {
  const window = Math.floor(now / burstMs)
  if (at(profile.seed + 5, window) >= profile.burst) return 0
  const length = 0.15 + 0.6 * at(profile.seed + 6, window)
  const begin = at(profile.seed + 7, window) * (1 - length)
  const place = (now % burstMs) / burstMs
  if (place < begin || place > begin + length) return 0
  return 0.3 + 0.6 * at(profile.seed + 8, window)
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value))
}

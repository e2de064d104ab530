import type { ClusterId, HostId, ThresholdId } from '../id'
import type { MoveBudget, TimeWindow } from './window'

/** What a host can have too much of. CPU, memory and pressure as shares 0 to 1, disk and network in bytes per second. */
export type LoadMetric = 'cpu' | 'memory' | 'disk' | 'network' | 'pressure'

/**
 * "When the metric of a host is above `above` for `forMs`, move VMs away until it is under `until`." Times in ms.
 * Its sentence is made by `sayThreshold`.
 */
export interface ThresholdRule {
  id: ThresholdId
  clusterId: ClusterId
  name: string
  metric: LoadMetric
  above: number
  forMs: number
  until: number
  /** Only VMs with one of these tags are moved; none: all. */
  tags: string[]
  /** Only these hosts are watched; none: all. */
  hostIds: HostId[]
  windows: TimeWindow[]
  /** A VM that was moved by Drover, or could not be, is left alone for this long. */
  cooldownMs: number
  budget: MoveBudget
  /** A move has to take away at least this much of what is above (share of it, 0 to 1). */
  minGain: number
  /** `cluster`: as the cluster's balance says. */
  automation: 'cluster' | 'manual' | 'full'
  enabled: boolean
  /** Since when each host has been above; kept by Drover. */
  aboveSince: Record<string, number>
  /** Grows with every change; decisions record the version they were made under. */
  version: number
  createdAt: number
}

/** Thresholds that a cluster may have. */
export const mostThresholds = 200

export type ThresholdInput = Omit<ThresholdRule, 'id' | 'aboveSince' | 'version' | 'createdAt'>

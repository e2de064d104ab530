import type { HostId, Ref, VmId } from '../id'

/** A share of a host's CPU and of its memory. */
export interface LoadShares {
  cpu: number
  memory: number
}

/** How even the load of a cluster is: standard deviation of the hosts' utilisation, and one figure of both. */
export interface BalanceScore extends LoadShares {
  total: number
}

/** A move that would even out the load. */
export interface Recommendation {
  vm: Ref<VmId>
  source: Ref<HostId>
  target: Ref<HostId>
  /** Moves with one number belong together: an exchange, or VMs that rules keep together. */
  step: number
  /** The score before and after the step. */
  before: BalanceScore
  after: BalanceScore
  /** Memory that is copied. */
  memoryBytes: number
  /** Why, in words. */
  reason: string
  /** For every other host the first reason against it, in words. */
  whyNot: { host: Ref<HostId>; reason: string }[]
}

/** What would be moved now to even out the load. */
export interface Recommendations {
  /** Why nothing is moved at all now, in words; null: nothing stands in the way. */
  blocked: string | null
  score: BalanceScore
  scoreAfter: BalanceScore
  hosts: { host: Ref<HostId>; before: LoadShares; after: LoadShares }[]
  moves: Recommendation[]
}

import type { BalanceSettings } from '../balance/settings'
import type { AdmissionPolicy } from '../ha/settings'
import type { HostId, VmId } from '../id'
import type { Rule } from '../rule/rule'
import type { PowerModel, PowerSettings } from './power'
import type { ThresholdRule } from './threshold'
import type { Demand } from './usage'

/**
 * A cluster's load at one moment, as plain data: what every decision about load is made from, what is kept with it, and
 * what it can be made again from. Indexes are positions in `hosts` and `vms`.
 */
export interface LoadPicture {
  at: number
  clusterId: string
  clusterName: string
  hosts: LoadHost[]
  vms: LoadVm[]
  /** VMs that should run and have no place: what they need. Absent: none. */
  waiting?: { name: string; vcpus: number; memoryBytes: number; eligible: number[] | null }[]
  /** Hosts that failed and are not back, by name: the others stand in for them. Absent: none. */
  missing?: string[]
}

export interface LoadHost {
  id: HostId
  name: string
  cores: number
  memoryBytes: number
  /** Memory that VMs may be given, and what is given: running ones, and promises. */
  roomBytes: number
  promisedBytes: number
  promisedCpus: number
  /** Measured of the host as a whole: what thresholds watch. CPU in cores, memory in bytes, rates per second. */
  used: { cpu: number; memory: number; disk: number; network: number; pressure: number }
  /** Takes VMs. */
  accepts: boolean
  /** Of those that do not: why, in words. */
  closed: string | null
  standby: 'awake' | 'asleep' | 'waking' | 'falling asleep'
  /** Since when it has been so. */
  standbySince: number
  /** Its sleep is a person's wish, which rules leave alone. */
  byHand: boolean
  /** It came up when it was woken last. */
  wakeProven: boolean
  /** Why it has to be awake whatever the load, as the end of a sentence that begins with its name; absent: it has not. */
  needed?: string
  /** Asleep, it is not woken before (epoch ms), because it did not come up; absent: at once. */
  wakeAfter?: number
  power: PowerModel
}

export interface LoadVm {
  id: VmId
  name: string
  vcpus: number
  memoryBytes: number
  /** Host by index; -1: it is not there. */
  at: number
  /** Where it is on its way to; -1: nowhere. */
  towards: number
  /** What it is expected to need: what plans count. */
  demand: Demand
  /** What it uses now, as it is part of its host's `used`, and `pressure`: what it does not get; absent: as its demand says. */
  now?: { cpu: number; memory: number; disk: number; network: number; pressure?: number }
  tags: string[]
  /** Why it is not moved at all, in words; null: it may be. */
  fixed: string | null
  automation: 'manual' | 'partial' | 'full'
  protected: boolean
  tier: number
  /** When Drover last moved it, or failed to; null: not within memory. */
  movedAt: number | null
  /** That was so that a host could sleep: from a host with too much to do it may go again at once. Absent: it was not. */
  gathered?: true
  /** Hosts that could run it; null: all. */
  eligible: number[] | null
  /** Hosts that could start it after a failure, null: all; absent: the same. */
  restartable?: number[] | null
}

/** All that an admin has said about load in a cluster: data, versioned by its parts. */
export interface LoadRules {
  balance: BalanceSettings
  power: PowerSettings
  thresholds: ThresholdRule[]
  rules: Rule[]
  /** What has to stay survivable. */
  admission: AdmissionPolicy
  overcommitMemory: boolean
}

/** What was done of late and since when things have been as they are: what hold times, budgets and dwelling need. */
export interface LoadMemory {
  /** Moves that Drover began within the last hour, and by which rule (`balance`, `power`, or a threshold's id). */
  moves: { vmId: string; at: number; bytes: number; by: string }[]
  unevenSince: number | null
  lowSince: number | null
  /** By threshold's id, by host: since when it has been above. */
  aboveSince: Record<string, Record<string, number>>
}

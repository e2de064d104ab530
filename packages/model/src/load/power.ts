import type { DecisionId, HostId, Ref } from '../id'
import type { TimeWindow } from './window'

/** What a machine draws, in watts; between idle and full load in proportion to its CPU. */
export interface PowerModel {
  idleWatts: number
  maxWatts: number
  /** Asleep, with its board listening. */
  asleepWatts: number
}

/** How a cluster saves power: hosts that nobody needs are emptied and switched off. Times in ms, shares 0 to 1. */
export interface PowerSettings {
  /** `off`: nobody sleeps; who does is woken. `manual`: recommended. `full`: done. */
  mode: 'off' | 'manual' | 'full'
  /** Hosts that may sleep; null: all whose wake-up was proven. */
  hostIds: HostId[] | null
  /** When hosts may be put to sleep; none: always. Outside of them, all are awake. */
  windows: TimeWindow[]
  /** Never fewer hosts awake than this. */
  minAwake: number
  /** Kept free beside the failover capacity: this share of what is needed. */
  reserve: number
  /** The hosts that stay awake are filled up to this much of their CPU and memory. */
  fillTo: number
  /** A host is woken as soon as those awake need more than this. */
  wakeAbove: number
  /** Load has to have been low for this long before a host sleeps. */
  holdMs: number
  /** A host stays awake, or asleep, for this long at least; being needed wakes it at once. */
  dwellMs: number
  /** Ahead of the daily rise, by as much, hosts are woken. */
  wakeAheadMs: number
  /** For hosts that say nothing of their own. */
  model: PowerModel
  /** Since when a host has not been needed; null: all are. Kept by Drover. */
  lowSince: number | null
  version: number
}

export const defaultPowerSettings: PowerSettings = {
  mode: 'off',
  hostIds: null,
  windows: [],
  minAwake: 2,
  reserve: 0.1,
  fillTo: 0.75,
  wakeAbove: 0.85,
  holdMs: 900_000,
  dwellMs: 1_800_000,
  wakeAheadMs: 900_000,
  model: { idleWatts: 100, maxWatts: 250, asleepWatts: 5 },
  lowSince: null,
  version: 1,
}

/** Why a host sleeps, and what for. */
export interface Standby {
  at: number
  /** In words. */
  why: string
  /** The decision that put it to sleep; null: a person did. */
  decisionId: DecisionId | null
  /** A person who put it to sleep wants it to stay so until it is woken by hand; power rules leave it alone. */
  byHand: boolean
  /** When it is expected to be needed again; null: not known. */
  until: number | null
  /** It did not come up when it was woken last: when, how often in a row, and what was seen. Absent: it did, or was not asked to. */
  failed?: WakeFailure
}

export interface WakeFailure {
  at: number
  times: number
  why: string
}

/** When a host that did not come up is worth another try (epoch ms); 0: at once. */
export function wakeAgainAt({ failed }: Pick<Standby, 'failed'>): number {
  return failed ? failed.at + Math.min(1_800_000, 60_000 * 2 ** (failed.times - 1)) : 0
}

/** That a host was seen to come up when it was switched on through its fence device. */
export interface WakeProof {
  at: number
  /** From the order to its agent's report. */
  ms: number
}

/** What sleep saved, over one stretch of time. Watt-hours. */
export interface EnergyLedger {
  fromAt: number
  toAt: number
  /** Drawn by the hosts that were awake and asleep. */
  usedWh: number
  /** What the hosts that slept would have drawn, idle, less what they drew. */
  savedWh: number
  /** `measured`: by boards; `model`: worked out. */
  by: 'measured' | 'model' | 'both'
  days: { day: string; usedWh: number; savedWh: number; asleepHostHours: number }[]
}

/** One host as the power page shows it. */
export interface HostPower {
  host: Ref<HostId>
  standby: 'awake' | 'asleep' | 'waking' | 'falling asleep' | 'off'
  /** Since when it has been so. */
  sinceAt: number
  /** Why it sleeps, or what keeps it awake, in words. */
  text: string
  /** When it is expected to be needed again; null: not known, or it is awake. */
  until: number | null
  byHand: boolean
  decisionId: DecisionId | null
  /** Null: never shown. */
  wake: WakeProof | null
  failed: WakeFailure | null
  model: PowerModel
  /** What it draws, and what its sleep saves, at this moment; null: not known. */
  watts: number | null
  savedWatts: number | null
}

/** A cluster's power at one moment, with what it drew and saved over the days asked for. */
export interface ClusterPower {
  at: number
  settings: PowerSettings
  hosts: HostPower[]
  /** What is wanted and waits, and for what, in words. */
  held: string[]
  watts: number
  savedWatts: number
  ledger: EnergyLedger
}

import type { Model } from '../model/model'
import type { PowerModel } from './power'

/** What a VM is expected to ask of one resource, in that resource's unit. */
export interface Demand {
  /** What it asks for on average in the time ahead. */
  mean: number
  /** By how much that swings: the standard deviation. */
  sd: number
  /** What it asks for at this moment. */
  now: number
}

/** What the model does not say of a host. */
export interface ConsolidationHost {
  /** It is off or asleep: it takes nothing until it is woken. `accepts` of the model says whether it would, awake. */
  asleep: boolean
  /** It may be emptied and switched off: allowed by the rule, its wake-up proven, not too short a time awake. */
  maySleep: boolean
  /** It may be woken. */
  mayWake: boolean
  power: PowerModel
  /** Since when it has been awake or asleep; absent: for ever. */
  sinceAt?: number
}

export interface ConsolidationInput {
  model: Model
  /** By host. */
  hosts: readonly ConsolidationHost[]
  /** By VM, by metric of the goal. */
  demand: readonly (readonly Demand[])[]
  /** VMs that may not be moved. */
  stay?: readonly number[]
  /** By VM: hosts (1) that could start it after a failure, null: all; undefined: those that it may be moved to. */
  restart?: readonly (Uint8Array | null | undefined)[]
  /** The moment of the decision; needed where the goal has a dwell. */
  at?: number
}

/** A resource whose expected demand decides how many hosts are needed. */
export interface DemandMetric {
  /** Index of the model's resource. */
  resource: number
  /** The share of a host's capacity that may be asked for. */
  limit: number
  /** How much of the expected demand of a host swings in step with all others, as a share of it. */
  common: number
}

/** What consolidation is to reach and what it has to keep, as data. */
export interface ConsolidationGoal {
  metrics: readonly DemandMetric[]
  /** Standard deviations of room that each host keeps that takes what emptied hosts leave. */
  sleepCalm: number
  /** After hosts have been emptied, an awake host's probability of being asked for more than its limit, on average. */
  sleepRisk: number
  /** A host with less room than so many standard deviations is at risk: it is relieved, or another one woken. */
  wakeCalm: number
  /** While that would be more than this even if all shared the load evenly, another host is woken. */
  wakeRisk: number
  /** The share of the limit that stays free at this moment on a host that takes a VM, and on one that was relieved. */
  margin: number
  /** Move VMs off hosts: `overload`: where more is asked for at this moment than the limit; `risk`: also below wakeCalm. */
  relieve: 'no' | 'overload' | 'risk'
  /** So many hosts stay awake beyond those that the demand needs: the larger of the two. */
  reserve: { hosts: number; share: number }
  /** Any so many hosts may fail at once and the protected VMs still have a place on hosts that are awake. */
  failures: number
  /** Hosts that stay awake. */
  keepAwake: readonly number[]
  maxMoves: number
  /** Of these, so many are left for hosts that have too much: emptying does without them. */
  keepMoves: number
  maxBytes: number
  /** The resource whose size says what moving a VM costs: its memory. In bytes, times `bytesPerUnit`. */
  costOf: number
  bytesPerUnit: number
  /** How much probability of an overload a GiB to be moved weighs as: between ways to relieve a host. */
  riskPerGiB: number
  /** A host that slept or woke less than this ago stays as it is, unless it is needed. */
  dwellMs: number
  /** How long a host is expected to sleep, and the energy that a move has to save in that time to be worth it. */
  horizonMs: number
  joulesPerMove: number
}

/** Sensible for a cluster of servers; `resource` 0 is memory, 1 is CPU. */
export const defaultConsolidation: ConsolidationGoal = {
  metrics: [{ resource: 1, limit: 0.8, common: 0.05 }],
  sleepCalm: 2.5,
  sleepRisk: 0.05,
  wakeCalm: 1.5,
  wakeRisk: 0.1,
  margin: 0.05,
  relieve: 'no',
  reserve: { hosts: 0, share: 0 },
  failures: 1,
  keepAwake: [],
  maxMoves: Number.POSITIVE_INFINITY,
  keepMoves: 0,
  maxBytes: Number.POSITIVE_INFINITY,
  costOf: 0,
  bytesPerUnit: 1,
  riskPerGiB: 0.01,
  dwellMs: 30 * 60_000,
  horizonMs: 60 * 60_000,
  joulesPerMove: 2_000,
}

export interface ConsolidationMove {
  vm: number
  from: number
  to: number
  bytes: number
}

/** How a host stands: what is expected of the metric that is tightest there, as shares of its capacity. */
export interface Standing {
  host: number
  metric: number
  now: number
  mean: number
  sd: number
  limit: number
}

/** Why a host is woken. */
export type WakeReason =
  | { code: 'demand'; standing: Standing }
  | { code: 'failover'; failures: number; failed: number[]; down: number[] }
  | { code: 'reserve'; needed: number; free: number }
  | { code: 'kept' }

/** Why a host that is awake and may be empty is not switched off. */
export type StayReason =
  | { code: 'kept' }
  | { code: 'mayNot' }
  | { code: 'dwell'; untilAt: number }
  /** Something there cannot be moved. `vm` null: it is nothing that the planner knows. */
  | { code: 'stuck'; vm: number | null }
  /** No other host has room for what it runs. `vm` null: for all of it together. */
  | { code: 'room'; vm: number | null }
  | { code: 'reserve'; needed: number; free: number }
  | { code: 'failover'; failures: number; failed: number[]; down: number[] }
  | { code: 'limit'; moves: number; bytes: number }
  | { code: 'worth'; savedJoules: number; costJoules: number }

/** In order. After each move of each step every host holds what it runs, and every strict rule that held still does. */
export type ConsolidationStep =
  | { kind: 'wake'; host: number; watts: number; moves: []; bytes: 0; why: WakeReason }
  | {
      kind: 'relieve'
      host: number
      moves: ConsolidationMove[]
      bytes: number
      why: { code: 'overload' | 'risk'; standing: Standing }
    }
  | {
      kind: 'sleep'
      host: number
      moves: ConsolidationMove[]
      bytes: number
      savedWatts: number
      why: { code: 'spare'; standing: Standing }
    }

export interface ConsolidationScore {
  /** Hosts that are awake. */
  awake: number
  watts: number
  /** How probable it is that one of them is asked for more than its limit, on average. */
  risk: number
}

export interface ConsolidationPlan {
  steps: ConsolidationStep[]
  before: ConsolidationScore
  after: ConsolidationScore
  /**
   * Hosts that are awake and stay so, with the first reason; those that are needed for the demand have `room`. Where the plan was
   * cut short, those are missing that nobody had the time to look at.
   */
  stays: { host: number; why: StayReason }[]
  /** Whether the plan was cut short. */
  stopped: boolean
}

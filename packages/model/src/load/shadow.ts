import type { ClusterId, ShadowId } from '../id'
import type { LoadMemory, LoadRules } from './picture'

/** A set of rules that decides beside the active one, and moves nothing. One for a cluster at most. */
export interface ShadowSet {
  id: ShadowId
  clusterId: ClusterId
  name: string
  rules: LoadRules
  since: number
  /** Its own: what it would have done. Virtual places of VMs are not followed: every round starts from the real world. */
  memory: LoadMemory
  /** By day (`2026-11-22`, UTC): what it would have done, beside what the active set did. */
  days: ShadowDay[]
  createdBy: string
}

export interface ShadowDay {
  day: string
  rounds: number
  shadow: { proposals: number; moves: number; bytes: number; sleeps: number; wakes: number }
  active: { proposals: number; moves: number; bytes: number; sleeps: number; wakes: number }
  /** The first few that only one of the two wanted, in words. */
  differences: string[]
  /** Of the day that is not over: what was counted, to count nothing twice. Absent: it is over and was reported. */
  counted?: string[]
}

/** What a rule set would have done over recorded days. Minutes of hosts over their limit, watt-hours. */
export interface BacktestSide {
  moves: number
  bytes: number
  sleeps: number
  wakes: number
  overloadMinutes: number
  /** Minutes of overload weighed by how much was asked for beyond all that a host has. */
  starvedCoreMinutes: number
  energyWh: number
  ruleViolationMinutes: number
  meanSpreadCpu: number
  meanSpreadMemory: number
}

export interface Backtest {
  fromAt: number
  toAt: number
  hosts: number
  vms: number
  steps: number
  /** Nobody moves anything; the present rules; the rules in question. */
  nothing: BacktestSide
  present: BacktestSide
  proposed: BacktestSide
  days: { day: string; nothing: BacktestSide; present: BacktestSide; proposed: BacktestSide }[]
  /** What the recorded days lack, in words: hosts or hours without samples. */
  gaps: string[]
}

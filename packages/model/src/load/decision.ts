import type { BalanceSettings } from '../balance/settings'
import type { ClusterId, DecisionId, HostId, Ref, TaskId, VmId } from '../id'
import type { StateTable } from '../state'
import type { Initiator } from '../task/task'
import type { ThresholdRule } from './threshold'
import type { HostShares, LoadScore } from './verdict'

export type DecisionState = 'open' | 'running' | 'done' | 'failed' | 'dismissed' | 'superseded'

export const decisionStates: StateTable<DecisionState> = {
  open: {
    meaning: 'recommended; nothing was begun',
    exits: ['running', 'done', 'failed', 'dismissed', 'superseded'],
  },
  running: { meaning: 'being carried out', exits: ['done', 'failed', 'superseded', 'open'] },
  done: { meaning: 'carried out', exits: [] },
  failed: { meaning: 'a part of it failed, and says why', exits: [] },
  dismissed: { meaning: 'somebody did not want it', exits: [] },
  superseded: { meaning: 'the world changed; what was left of it no longer fits', exits: [] },
}

/** Still to be carried out, or asked about. */
export function isOpenDecision({ state }: Pick<LoadDecision, 'state'>): boolean {
  return decisionStates[state].exits.length > 0
}

export type PartState = 'open' | 'running' | 'done' | 'failed' | 'dropped'

/** A move of a decision. Scores and reasons as of the decision. */
export interface DecisionMove {
  vm: Ref<VmId>
  source: Ref<HostId>
  target: Ref<HostId>
  step: number
  bytes: number
  seconds: number
  before: LoadScore
  after: LoadScore
  text: string
  against: { host: Ref<HostId>; text: string }[]
  state: PartState
  /** Why it failed or was dropped, in words. */
  why: string | null
  taskId: TaskId | null
  /** Of a decision that somebody applies in part: whether this move is to be made now. Absent: as the decision. */
  chosen?: boolean
}

export interface DecisionPower {
  host: Ref<HostId>
  act: 'sleep' | 'wake'
  text: string
  until: number | null
  state: PartState
  why: string | null
  taskId: TaskId | null
}

/** A rule as it was when it decided. */
export interface DecidedBy {
  /** `balance`, `power`, or the id of a threshold. */
  id: string
  name: string
  version: number
  /** Its sentence then. */
  text: string
  /** In whose name it is carried out, of a recommendation that somebody applied. Absent: nobody has. */
  applied?: Initiator
}

/**
 * A recommendation or an automatic act about load, with all that explains it. Nothing is moved, put to sleep or woken by
 * a rule without one; kept after its objects are gone.
 */
export interface LoadDecision {
  id: DecisionId
  clusterId: ClusterId
  by: DecidedBy
  /** Begun without asking. */
  automatic: boolean
  state: DecisionState
  /** Who applied or dismissed it, where somebody did. */
  person: string | null
  at: number
  endedAt: number | null
  /** Why, in words. */
  text: string
  before: LoadScore
  after: LoadScore
  /** Every host's load before, and as expected after. */
  hosts: { host: Ref<HostId>; before: HostShares; after: HostShares }[]
  moves: DecisionMove[]
  power: DecisionPower[]
  /**
   * What it was made from: `{ picture: LoadPicture, rules: LoadRules, memory: LoadMemory }` as JSON. For replays; stays with
   * control (`publicRow` empties it).
   */
  inputs: string
}

const hour = 3_600_000

/**
 * How long (ms) rules go by what was decided in a cluster, once that has ended: budgets and what somebody refused count for an
 * hour, cooldowns as long as they are.
 */
export function rememberedMs(
  { balance }: { balance?: BalanceSettings | null },
  thresholds: readonly Pick<ThresholdRule, 'cooldownMs'>[],
): number {
  return Math.max(hour, balance?.cooldownMs ?? 0, ...thresholds.map(({ cooldownMs }) => cooldownMs))
}

import type { HostId, Ref, VmId } from '../id'
import type { LoadConflict } from './conflict'
import type { HostShares, LoadScore } from './verdict'

/** What a rule wants done now, with names instead of indexes. Nothing of it is saved. */
export interface LoadAdvice {
  /** `balance`, `power`, or the id of a threshold. */
  by: string
  name: string
  automatic: boolean
  text: string
  before: LoadScore
  after: LoadScore
  hosts: { host: Ref<HostId>; before: HostShares; after: HostShares }[]
  moves: AdvisedMove[]
  sleep: { host: Ref<HostId>; text: string; until: number | null }[]
  wake: { host: Ref<HostId>; text: string }[]
}

export interface AdvisedMove {
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
}

/** What a set of rules, saved or not, would do now, as if its hold times had passed. */
export interface LoadDraft {
  /** Why nothing is done at all now, in words; null: nothing stands in the way. */
  blocked: string | null
  proposals: LoadAdvice[]
  held: { by: string; name: string; text: string }[]
  conflicts: LoadConflict[]
}

/** One side of a replayed decision. */
export interface ReplaySide {
  text: string
  moves: { vm: string; source: string; target: string; text: string }[]
  sleep: string[]
  wake: string[]
  /** What was wanted and not done, and why. */
  held: string[]
  before: LoadScore
  after: LoadScore
}

/** A decision as it was made, and as the same or other rules make it from the same inputs. */
export interface DecisionReplay {
  then: ReplaySide
  now: ReplaySide
  /** In words; none: the same. */
  differences: string[]
}

/** Why a VM is not on a host. */
export interface LoadWhyNot {
  vm: Ref<VmId>
  host: Ref<HostId>
  /** It is there; it could go there and would gain; or something speaks against it. */
  verdict: 'there' | 'would help' | 'no'
  /** The first reason, as a sentence. */
  text: string
  /** All of them, the weightiest first. */
  reasons: { about: 'fact' | 'rule' | 'room' | 'limit' | 'left alone' | 'gain'; text: string }[]
  source: { host: Ref<HostId>; before: HostShares; after: HostShares } | null
  target: { before: HostShares; after: HostShares } | null
}

import type { LoadMemory } from './picture'

/** Figures of a host, 0 to 1 of what it has. */
export interface HostShares {
  cpu: number
  memory: number
}

/** How loads are spread over the hosts that are awake. */
export interface LoadScore {
  /** Standard deviations of the hosts' utilisation. */
  cpu: number
  memory: number
  /** Hosts over their limit, by name of the host's index. */
  overloaded: number[]
  /** What the hosts draw, in watts, by their power models. */
  watts: number
}

/** One move of a proposal, in order; those with one `step` belong together. Indexes into the picture. */
export interface LoadMove {
  vm: number
  from: number
  to: number
  step: number
  bytes: number
  /** Expected seconds. */
  seconds: number
  /** Before and after its step. */
  before: LoadScore
  after: LoadScore
  /** Why this one, in words. */
  text: string
  /** For every host not chosen the first reason why not, in words. */
  against: { host: number; text: string }[]
}

/** What a rule wants done. */
export interface LoadProposal {
  /** `balance`, `power`, or the id of a threshold. */
  by: string
  /** May be done without asking. */
  automatic: boolean
  /** Why, in words: which rule, which hosts, since when, by how much. */
  text: string
  moves: LoadMove[]
  /** Hosts to put to sleep once empty, and to wake: why, in words. */
  sleep: { host: number; text: string; until: number | null }[]
  wake: { host: number; text: string }[]
  before: LoadScore
  after: LoadScore
  hosts: { before: HostShares; after: HostShares }[]
}

export interface LoadVerdict {
  /** In order of precedence: thresholds, waking, balance, sleeping. */
  proposals: LoadProposal[]
  /** As it is to be remembered. */
  memory: LoadMemory
  /** What was wanted and not proposed, and why: hold time, window, cooldown, budget; in words. */
  held: { by: string; text: string }[]
}

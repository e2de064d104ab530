import type { ConsolidationGoal } from './goal'

/** What consolidation may cost over a time, beside energy. */
export interface ConsolidationLimits {
  moves: number
  /** The share of the time of the hosts that are awake at which one may be asked for more than its limit. */
  overTime: number
}

/** What has been seen so far, and how much of the time is left. */
export interface ConsolidationTally {
  /** Decisions that are still to come, this one included, and how far apart they are. */
  left: number
  everyMs: number
  /** Hosts awake now; 0 before the first plan. */
  awake: number
  /** Time of hosts awake, added up, and of it the time over the limit. */
  hostMs: number
  overMs: number
  /** Instants at which a host was over its limit, and how many were to be expected by the plans made. */
  over: number
  expected: number
  moves: number
}

/** Before anything is seen: the risk to begin with, how long it lasts until a host is relieved; both as data. */
export interface ConsolidationPace {
  firstRisk: number
  leastRisk: number
  mostRisk: number
  reliefMs: number
  /** Hosts are emptied while the risk after it is below this share of what may be, another is woken above that one. */
  sleepShare: number
  wakeShare: number
  /** More moves than are to be expected are kept for relieving hosts, by this factor. */
  keep: number
}

export const defaultPace: ConsolidationPace = {
  firstRisk: 0.05,
  leastRisk: 0.03,
  mostRisk: 0.1,
  reliefMs: 15_000,
  sleepShare: 0.6,
  wakeShare: 1.5,
  keep: 1.2,
}

/** So many instants count what was assumed against what was seen. */
const assumed = { swings: 100, relief: 20 }

/** The goal with the risk that the limits still allow: what was spent too soon is saved, what is left over is used. */
export function paced(
  goal: ConsolidationGoal,
  limits: ConsolidationLimits,
  tally: ConsolidationTally,
  pace: ConsolidationPace = defaultPace,
): ConsolidationGoal {
  const { left, everyMs, awake, moves } = tally
  const maxMoves = Math.max(0, limits.moves - moves)
  const ahead = left * awake
  const overMs = limits.overTime * (tally.hostMs + ahead * everyMs) - tally.overMs
  const eachMs = (tally.overMs + pace.reliefMs * assumed.relief) / (tally.over + assumed.relief)
  const affordable = Math.min(pace.mostRisk, maxMoves / ahead, overMs / ahead / eachMs)
  const risk = awake > 0 ? Math.max(pace.leastRisk, affordable) : pace.firstRisk
  // Swings have longer tails than is reckoned with: by how much, time shows.
  const heavier = (tally.over + assumed.swings) / (tally.expected + assumed.swings)
  return {
    ...goal,
    sleepRisk: (risk * pace.sleepShare) / heavier,
    wakeRisk: (risk * pace.wakeShare) / heavier,
    maxMoves,
    keepMoves: risk * pace.keep * ahead,
  }
}

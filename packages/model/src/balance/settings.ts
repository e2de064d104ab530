import type { MoveBudget, TimeWindow } from '../load/window'

/** How a cluster evens out the load of its hosts. Times in ms, shares 0 to 1. */
export interface BalanceSettings {
  /** `off`: not looked at. `manual`: moves are recommended. `partial`: starts are placed, moves recommended. `full`: moves are made. */
  mode: 'off' | 'manual' | 'partial' | 'full'
  /** From conservative to aggressive; it stands for the figures below. Null: they were chosen one by one. */
  level: 1 | 2 | 3 | 4 | 5 | null
  /** What a VM counts for: what it uses now, or what it was given. */
  by: 'actual-load' | 'configured-size'
  /** `spread`: hosts are kept about evenly loaded. `overload`: nothing is moved before a host is overloaded. */
  aim: 'spread' | 'overload'
  /** Loads are even enough when hosts are this far from their mean (standard deviation of the utilisation). */
  spread: number
  /** A host that uses more of its CPU or memory than this is overloaded. */
  limit: number
  /** How much the two count beside one another; 0: not at all. */
  weights: { cpu: number; memory: number }
  /** A move has to better the score by at least this much, in a cluster of four hosts; in a larger one by as much less, */
  minGain: number
  /** and by this share of it. */
  minShare: number
  /** Nothing begins unless a plan as a whole betters the score by this much, or takes an overload away. */
  worthwhile: number
  /** Loads have to be uneven for this long before anything moves, also between two rounds of moves. */
  holdMs: number
  /** A VM that was moved by Drover, or could not be, is left alone for this long. */
  cooldownMs: number
  /** Moves at once; the next ones are worked out afresh when they have ended. */
  movesAtOnce: number
  budget: MoveBudget
  /** When moves may be made by themselves; none: always. */
  windows: TimeWindow[]
  /** Grows with every change; decisions record the version they were made under. */
  version: number
  /** Since when loads have been uneven and a move would help; null: they are not. Kept by Drover. */
  unevenSince: number | null
}

export const defaultBalanceSettings: BalanceSettings = {
  mode: 'off',
  level: 3,
  by: 'actual-load',
  aim: 'spread',
  spread: 0.05,
  limit: 0.9,
  weights: { cpu: 0.5, memory: 0.5 },
  minGain: 0.01,
  minShare: 0.1,
  worthwhile: 0.02,
  holdMs: 300_000,
  cooldownMs: 900_000,
  movesAtOnce: 2,
  budget: { movesPerHour: 30, bytesPerHour: null },
  windows: [],
  version: 1,
  unevenSince: null,
}

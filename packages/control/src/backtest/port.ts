import type { Backtest, LoadPicture, LoadRules } from '@drover/model'

/** What is asked: plain data, that may go to another thread. */
export interface BacktestQuestion {
  /** The cluster as it is now, whose hosts and VMs are looked up in what was recorded. */
  picture: LoadPicture
  rules: { present: LoadRules; proposed: LoadRules }
  fromAt: number
  toAt: number
  /** By VM: its host at the beginning, by index in the picture. */
  places: number[]
}

/**
 * Runs backtests, without keeping heartbeats and clicks waiting. `progress`: how much is done, 0 to 1. Rejects with a sentence
 * when it failed or was cancelled.
 */
export interface Backtester {
  run(
    question: BacktestQuestion,
    progress: (share: number) => void,
  ): { result: Promise<Backtest>; cancel(): void }
}

/** A backtest as it is shown: kept in memory, by the daemon that leads. */
export interface BacktestJob {
  id: string
  clusterId: string
  clusterName: string
  fromAt: number
  toAt: number
  startedAt: number
  endedAt: number | null
  state: 'running' | 'done' | 'failed' | 'cancelled'
  /** How much is done, 0 to 1. */
  progress: number
  /** Why it failed, in words. */
  why: string | null
  result: Backtest | null
}

import { backtestOf, Cancelled, runSide } from '@drover/planner/backtest'
import type { UsageStore } from '@drover/store'
import type { Backtester } from './port'
import { readRecorded } from './read'

/** Runs backtests on the thread that asks, and however long that takes: for simulation and tests. */
export function directBacktester(store: UsageStore): Backtester {
  return {
    run(question, progress) {
      let cancelled = false
      const goOn = (share: number) => {
        progress(share)
        return !cancelled
      }
      const work = async () => {
        const recorded = await readRecorded(store, question, (share) => progress(share / 4))
        if (cancelled) throw new Cancelled()
        const { present, proposed } = question.rules
        const yardstick = { limit: proposed.balance.limit, rules: proposed.rules }
        const sides = {
          nothing: runSide(recorded, null, yardstick, (share) => goOn((1 + share) / 4)),
          present: runSide(recorded, present, yardstick, (share) => goOn((2 + share) / 4)),
          proposed: runSide(recorded, proposed, yardstick, (share) => goOn((3 + share) / 4)),
        }
        return backtestOf(recorded, question.rules, sides)
      }
      return {
        result: work(),
        cancel: () => {
          cancelled = true
        },
      }
    },
  }
}

import type { BacktestJob } from '@drover/control'
import { z } from 'zod'
import { refused } from '../refused'
import { clusterId } from '../schema/id'
import { auditor, operator } from '../trpc'

export const backtestId = z
  .string('must be the id of a backtest.')
  .regex(
    /^backtest-\d{1,12}$/,
    'must be the id of a backtest, such as backtest-1. It is answered when one is begun.',
  )

/** How far a backtest is, and what came of it. They are forgotten when the control daemon changes. */
export const show = auditor.input(z.object({ backtestId })).query(({ ctx, input }): BacktestJob => {
  const job = ctx.control.backtests.show(input.backtestId)
  if (job) return job
  const problem = `${input.backtestId} is not there: the last ten are kept, by the control daemon that ran them, as long as it leads`
  throw refused([{ code: 'not_now', problem, remedy: 'Begin it again.' }])
})

/** The backtests that are under way, and the last ones, newest first; without their days. */
export const list = auditor
  .input(z.object({ clusterId: clusterId.optional() }).default({}))
  .query(({ ctx, input }): Omit<BacktestJob, 'result'>[] =>
    ctx.control.backtests.list(input.clusterId).map(({ result: _, ...job }) => job),
  )

/** Ends a backtest that is under way. */
export const cancel = operator
  .input(z.object({ backtestId }))
  .mutation(({ ctx, input }): { done: boolean } => ({ done: ctx.control.backtests.cancel(input.backtestId) }))

import { rulesOfDraft } from '@drover/engine'
import { z } from 'zod'
import { found } from '../found'
import { refused } from '../refused'
import { clusterId } from '../schema/id'
import { loadRulesDraft } from '../schema/load'
import { at } from '../schema/quantity'
import { operator } from '../trpc'

/**
 * Begins to work out what rules would have done over recorded days, beside the present ones; what is left out of them is as it
 * is now. Changes nothing. How far it is, and at last what came of it, says `backtest.show`.
 */
export const backtest = operator
  .input(z.object({ clusterId, rules: loadRulesDraft.default({}), fromAt: at, toAt: at }))
  .mutation(async ({ ctx, input }): Promise<{ id: string }> => {
    const { world } = ctx.control
    const cluster = found(world.tables.cluster.get(input.clusterId), 'cluster', input.clusterId)
    const { rules, refusals } = rulesOfDraft(world, cluster, input.rules)
    if (refusals.length > 0) throw refused(refusals)
    const { clusterId, fromAt, toAt } = input
    const started = ctx.control.backtests.start({ clusterId, rules, fromAt, toAt })
    if (!started.ok) throw refused(started.refusals)
    return started.value
  })

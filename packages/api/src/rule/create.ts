import { decideCreateRule } from '@drover/engine'
import type { RuleId } from '@drover/model'
import { change, commit, type Done } from '../act'
import { acting } from '../schema/acting'
import { ruleInput } from '../schema/rule'
import { admin } from '../trpc'

/** A new rule; refused with every conflict when it cannot hold beside the others. */
export const create = admin
  .input(ruleInput.extend(acting))
  .mutation(async ({ ctx, input }): Promise<Done & { ruleId: RuleId | null }> => {
    const { reason, dryRun, ...rule } = input
    if (dryRun) {
      const done = await change(ctx, input, (world, decide) => decideCreateRule(world, rule, decide))
      return { ...done, ruleId: null }
    }
    const ruleId = await commit(ctx, (world, decide) => decideCreateRule(world, rule, decide), reason)
    return { done: true, ruleId }
  })

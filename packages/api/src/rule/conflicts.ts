import { ruleConflicts } from '@drover/engine'
import { type Refusal, sayRefusals } from '@drover/model'
import { ruleId } from '../schema/id'
import { ruleInput } from '../schema/rule'
import { auditor } from '../trpc'

/** What a rule that is being written would conflict with, and what would resolve it. `ruleId`: the one it replaces. */
export const conflicts = auditor
  .input(ruleInput.extend({ ruleId: ruleId.nullable().default(null) }))
  .query(({ ctx, input }): { refusals: Refusal[]; text: string } => {
    const { ruleId: changing, ...rule } = input
    const refusals = ruleConflicts(ctx.control.world, rule, changing ?? undefined)
    return { refusals, text: sayRefusals(refusals) }
  })

import { askDraft, rulesOfDraft } from '@drover/engine'
import type { LoadDraft } from '@drover/model'
import { z } from 'zod'
import { found } from '../found'
import { refused } from '../refused'
import { clusterId } from '../schema/id'
import { loadRulesDraft } from '../schema/load'
import { auditor } from '../trpc'

/** What rules that are being written would do now, as if their hold times had passed, and their conflicts. Saves nothing. */
export const draftRules = auditor
  .input(z.object({ clusterId, rules: loadRulesDraft }))
  .query(async ({ ctx, input }): Promise<LoadDraft> => {
    const { world } = ctx.control
    const cluster = found(world.tables.cluster.get(input.clusterId), 'cluster', input.clusterId)
    const { rules, refusals } = rulesOfDraft(world, cluster, input.rules)
    if (refusals.length > 0) throw refused(refusals)
    const { job, answer } = askDraft(world, cluster.id, rules, ctx.now())
    return answer(job && (await ctx.control.plan(job)))
  })

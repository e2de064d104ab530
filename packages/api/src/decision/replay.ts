import { askReplay, rulesOfDraft } from '@drover/engine'
import type { DecisionReplay, LoadRules } from '@drover/model'
import { z } from 'zod'
import { found } from '../found'
import { refused } from '../refused'
import { decisionId } from '../schema/id'
import { loadRulesDraft } from '../schema/load'
import { auditor } from '../trpc'
import { keptDecision } from './kept'

const input = z.object({
  decisionId,
  /** Under these instead; what is left out is as it is today. Absent: under the rules of then. */
  rules: loadRulesDraft.optional(),
})

/** A decision made again from its own inputs, under the rules of then or others, and what would be different. */
export const replay = auditor.input(input).query(async ({ ctx, input }): Promise<DecisionReplay> => {
  const { world } = ctx.control
  const decision = await keptDecision(ctx, input.decisionId)
  let rules: LoadRules | undefined
  if (input.rules) {
    const cluster = found(world.tables.cluster.get(decision.clusterId), 'cluster', decision.clusterId)
    const drafted = rulesOfDraft(world, cluster, input.rules)
    if (drafted.refusals.length > 0) throw refused(drafted.refusals)
    rules = drafted.rules
  }
  const { job, answer } = askReplay(decision, rules)
  const replayed = answer(job && (await ctx.control.plan(job)))
  if (replayed) return replayed
  throw refused([
    {
      code: 'invalid',
      field: 'decisionId',
      problem: 'what it was made from was not kept',
      remedy: 'Replay a newer one.',
    },
  ])
})

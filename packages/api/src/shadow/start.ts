import { decideShadowStart, rulesOfDraft } from '@drover/engine'
import type { ShadowId } from '@drover/model'
import { z } from 'zod'
import { change, commit, type Done } from '../act'
import { found } from '../found'
import { refused } from '../refused'
import { acting } from '../schema/acting'
import { clusterId } from '../schema/id'
import { loadRulesDraft } from '../schema/load'
import { displayName } from '../schema/text'
import { admin } from '../trpc'

const input = z.object({ clusterId, name: displayName, rules: loadRulesDraft, ...acting })

/**
 * Has rules decide beside the active ones, live, and moves nothing: what they would have done otherwise is told every day. What
 * is left out of them is as it is now. Takes the place of a shadow that runs already.
 */
export const start = admin
  .input(input)
  .mutation(async ({ ctx, input }): Promise<Done & { shadowId: ShadowId | null }> => {
    const { clusterId, name, reason } = input
    const { world } = ctx.control
    const cluster = found(world.tables.cluster.get(clusterId), 'cluster', clusterId)
    const { rules, refusals } = rulesOfDraft(world, cluster, input.rules)
    if (refusals.length > 0) throw refused(refusals)
    const set = { clusterId, name, rules }
    if (input.dryRun)
      return {
        ...(await change(ctx, input, (now, make) => decideShadowStart(now, set, make))),
        shadowId: null,
      }
    const shadowId = await commit(ctx, (now, make) => decideShadowStart(now, set, make), reason)
    return { done: true, shadowId }
  })

import { askRecommendations } from '@drover/engine'
import type { LoadDraft, Recommendations } from '@drover/model'
import { z } from 'zod'
import { found } from '../found'
import { clusterId } from '../schema/id'
import { auditor } from '../trpc'

/** `moves`: of all proposals, in order. */
export type Recommended = Recommendations & Pick<LoadDraft, 'proposals' | 'held'>

/** What the rules of a cluster would do about its load now, whether or not they are switched on; moves nothing. */
export const recommendations = auditor
  .input(z.object({ clusterId }))
  .query(async ({ ctx, input }): Promise<Recommended> => {
    const { world } = ctx.control
    found(world.tables.cluster.get(input.clusterId), 'cluster', input.clusterId)
    const { job, answer } = askRecommendations(world, input.clusterId, ctx.now())
    return answer(job && (await ctx.control.plan(job)))
  })

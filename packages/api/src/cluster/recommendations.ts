import { recommendations as recommend } from '@drover/engine'
import type { LoadDraft, Recommendations } from '@drover/model'
import { z } from 'zod'
import { found } from '../found'
import { clusterId } from '../schema/id'
import { auditor } from '../trpc'

/** `moves`: of all proposals, in order. */
export type Recommended = Recommendations & Pick<LoadDraft, 'proposals' | 'held'>

/** What the rules of a cluster would do about its load now, whether or not they are switched on; moves nothing. */
export const recommendations = auditor.input(z.object({ clusterId })).query(({ ctx, input }): Recommended => {
  const { world } = ctx.control
  found(world.tables.cluster.get(input.clusterId), 'cluster', input.clusterId)
  return recommend(world, input.clusterId, ctx.now())
})

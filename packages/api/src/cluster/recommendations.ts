import { recommendations as recommend } from '@drover/engine'
import type { Recommendations } from '@drover/model'
import { z } from 'zod'
import { found } from '../found'
import { clusterId } from '../schema/id'
import { auditor } from '../trpc'

/** What would be moved now to even out a cluster's load, with every reason; moves nothing. */
export const recommendations = auditor
  .input(z.object({ clusterId }))
  .query(({ ctx, input }): Recommendations => {
    const { world } = ctx.control
    found(world.tables.cluster.get(input.clusterId), 'cluster', input.clusterId)
    return recommend(world, input.clusterId, ctx.now())
  })

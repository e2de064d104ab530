import { failoverCapacity } from '@drover/engine'
import type { FailoverCapacity } from '@drover/model'
import { z } from 'zod'
import { found } from '../found'
import { clusterId } from '../schema/id'
import { auditor } from '../trpc'

/** What failures the cluster survives now, and the worst one it does not. */
export const failover = auditor.input(z.object({ clusterId })).query(({ ctx, input }): FailoverCapacity => {
  const { world } = ctx.control
  found(world.tables.cluster.get(input.clusterId), 'cluster', input.clusterId)
  return failoverCapacity(world, input.clusterId)
})

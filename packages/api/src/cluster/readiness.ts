import { readiness as scored } from '@drover/engine'
import type { Readiness } from '@drover/model'
import { z } from 'zod'
import { found } from '../found'
import { clusterId } from '../schema/id'
import { auditor } from '../trpc'

/** How sure it is that a host of the cluster that dies can be proven dead, and what is missing for that. */
export const readiness = auditor.input(z.object({ clusterId })).query(({ ctx, input }): Readiness => {
  const { world } = ctx.control
  found(world.tables.cluster.get(input.clusterId), 'cluster', input.clusterId)
  return scored(world, input.clusterId)
})

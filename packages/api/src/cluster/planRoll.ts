import { planRoll as planOf } from '@drover/engine'
import type { RollingPlan } from '@drover/model'
import { found } from '../found'
import { rolling } from '../schema/roll'
import { auditor } from '../trpc'

/** How a cluster would be gone through, host by host; with every reason against. */
export const planRoll = auditor.input(rolling).query(({ ctx, input }): RollingPlan => {
  const { world } = ctx.control
  found(world.tables.cluster.get(input.clusterId), 'cluster', input.clusterId)
  return planOf(world, input, ctx.now())
})

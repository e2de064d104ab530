import { exportCluster } from '@drover/engine'
import { z } from 'zod'
import { found } from '../found'
import { clusterId } from '../schema/id'
import { auditor } from '../trpc'

/** The state of a cluster as a file for `drover plan`: all that planning goes by, no secrets, no addresses. */
export const exportState = auditor.input(z.object({ clusterId })).query(({ ctx, input }) => {
  const { world } = ctx.control
  return exportCluster(
    world,
    found(world.tables.cluster.get(input.clusterId), 'cluster', input.clusterId),
    ctx.now(),
  )
})

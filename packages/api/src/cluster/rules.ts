import { loadRules } from '@drover/engine'
import type { LoadRules } from '@drover/model'
import { z } from 'zod'
import { found } from '../found'
import { clusterId } from '../schema/id'
import { auditor } from '../trpc'

/** All that was said about load in a cluster: what drafts, backtests and shadows begin from. */
export const rules = auditor.input(z.object({ clusterId })).query(({ ctx, input }): LoadRules => {
  const { world } = ctx.control
  return loadRules(world, found(world.tables.cluster.get(input.clusterId), 'cluster', input.clusterId))
})

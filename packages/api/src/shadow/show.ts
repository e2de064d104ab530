import { shadowOf } from '@drover/engine'
import type { ShadowSet } from '@drover/model'
import { z } from 'zod'
import { found } from '../found'
import { clusterId } from '../schema/id'
import { auditor } from '../trpc'

/** The rules that decide beside the active ones of a cluster, and what they would have done, day by day; null: there are none. */
export const show = auditor.input(z.object({ clusterId })).query(({ ctx, input }): ShadowSet | null => {
  const { world } = ctx.control
  found(world.tables.cluster.get(input.clusterId), 'cluster', input.clusterId)
  return shadowOf(world, input.clusterId) ?? null
})

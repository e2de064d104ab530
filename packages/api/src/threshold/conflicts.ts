import { sayThresholdOf, thresholdConflicts } from '@drover/engine'
import type { LoadConflict } from '@drover/model'
import { z } from 'zod'
import { found } from '../found'
import { clusterId, thresholdId } from '../schema/id'
import { newThreshold } from '../schema/load'
import { auditor } from '../trpc'

/** What a threshold that is being written says, and what it conflicts with. `thresholdId`: the one it replaces. */
export const conflicts = auditor
  .input(z.object({ clusterId, ...newThreshold, thresholdId: thresholdId.nullable().default(null) }))
  .query(({ ctx, input }): { sentence: string; conflicts: LoadConflict[] } => {
    const { world } = ctx.control
    const { thresholdId: changing, ...threshold } = input
    const cluster = found(world.tables.cluster.get(input.clusterId), 'cluster', input.clusterId)
    const rule = {
      ...threshold,
      id: changing ?? 'threshold-0',
      aboveSince: {},
      version: 0,
      createdAt: 0,
    } as const
    return {
      sentence: sayThresholdOf(world, rule),
      conflicts: thresholdConflicts(world, cluster, rule),
    }
  })

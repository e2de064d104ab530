import { loadConflicts, loadRules, sayThresholdOf, thresholdsOf } from '@drover/engine'
import type { ClusterId, LoadConflict, ThresholdRule } from '@drover/model'
import { z } from 'zod'
import { clusterId } from '../schema/id'
import { auditor } from '../trpc'

/** A threshold with its sentence, and what it conflicts with. */
export interface ListedThreshold {
  threshold: ThresholdRule
  sentence: string
  conflicts: LoadConflict[]
}

/** Every threshold, or those of a cluster, in the order in which they were made. */
export const list = auditor
  .input(z.object({ clusterId: clusterId.nullable().default(null) }).default({ clusterId: null }))
  .query(({ ctx, input }): ListedThreshold[] => {
    const { world } = ctx.control
    const ids = input.clusterId ? [input.clusterId] : ([...world.tables.cluster.keys()] as ClusterId[])
    return ids.flatMap((id) => {
      const cluster = world.tables.cluster.get(id)
      if (!cluster) return []
      const conflicts = loadConflicts(world, cluster, loadRules(world, cluster))
      return thresholdsOf(world, id).map((threshold) => ({
        threshold,
        sentence: sayThresholdOf(world, threshold),
        conflicts: conflicts.filter(({ rules }) => rules.some((rule) => rule.id === threshold.id)),
      }))
    })
  })

import { decideThresholdCreate, thresholdConflicts } from '@drover/engine'
import type { LoadConflict, ThresholdId } from '@drover/model'
import { z } from 'zod'
import { change, commit, type Done } from '../act'
import { acting } from '../schema/acting'
import { clusterId } from '../schema/id'
import { newThreshold } from '../schema/load'
import { admin } from '../trpc'

const input = z.object({ clusterId, ...newThreshold, ...acting })

/** A new threshold, with what it conflicts with; refused when it could never do what it says. */
export const create = admin
  .input(input)
  .mutation(
    async ({
      ctx,
      input,
    }): Promise<Done & { thresholdId: ThresholdId | null; conflicts: LoadConflict[] }> => {
      const { reason, dryRun, ...threshold } = input
      const { world } = ctx.control
      const cluster = world.tables.cluster.get(input.clusterId)
      const rule = { ...threshold, id: 'threshold-0', aboveSince: {}, version: 0, createdAt: 0 } as const
      const conflicts = cluster ? thresholdConflicts(world, cluster, rule) : []
      if (dryRun) {
        const done = await change(ctx, input, (now, decide) => decideThresholdCreate(now, threshold, decide))
        return { ...done, thresholdId: null, conflicts }
      }
      const thresholdId = await commit(
        ctx,
        (now, decide) => decideThresholdCreate(now, threshold, decide),
        reason,
      )
      return { done: true, thresholdId, conflicts }
    },
  )

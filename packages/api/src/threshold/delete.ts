import { decideThresholdDelete } from '@drover/engine'
import { z } from 'zod'
import { change, type Done } from '../act'
import { acting } from '../schema/acting'
import { thresholdId } from '../schema/id'
import { admin } from '../trpc'

const input = z.object({ thresholdId, ...acting })

/** Removes a threshold; what it has begun ends with the move that is under way. */
export const remove = admin.input(input).mutation(({ ctx, input }): Promise<Done> => {
  const { thresholdId } = input
  return change(ctx, input, (world, decide) => decideThresholdDelete(world, { thresholdId }, decide))
})

import { decideThresholdChange } from '@drover/engine'
import { z } from 'zod'
import { change as changeNow, type Done } from '../act'
import { acting, seenVersion } from '../schema/acting'
import { thresholdId } from '../schema/id'
import { thresholdFields } from '../schema/load'
import { admin } from '../trpc'

const input = z.object({
  thresholdId,
  changes: z.object(thresholdFields).partial(),
  version: seenVersion,
  ...acting,
})

/** Changes a threshold or switches it on or off; what is left out stays. Its hold times begin anew. */
export const change = admin.input(input).mutation(({ ctx, input }): Promise<Done> => {
  const { thresholdId, changes, version } = input
  return changeNow(ctx, input, (world, decide) =>
    decideThresholdChange(world, { thresholdId, changes, version }, decide),
  )
})

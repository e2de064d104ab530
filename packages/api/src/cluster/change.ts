import { decideChangeCluster } from '@drover/engine'
import { z } from 'zod'
import { change as changeNow, type Done } from '../act'
import { acting } from '../schema/acting'
import { clusterId } from '../schema/id'
import { displayName } from '../schema/text'
import { admin } from '../trpc'

const limit = z
  .int('must be a whole number.')
  .min(1, 'must be at least 1. Migrations need a slot.')
  .max(100, 'is more than 100. Choose a lower limit.')

const input = z.object({
  clusterId,
  name: displayName.optional(),
  migrationLimits: z.object({ perHost: limit, perNetwork: limit, perDatastore: limit }).partial().optional(),
  ...acting,
})

/** Name and migration limits of a cluster; what is left out stays. */
export const change = admin.input(input).mutation(({ ctx, input }): Promise<Done> => {
  const { clusterId, name, migrationLimits } = input
  return changeNow(ctx, input, (world, decide) =>
    decideChangeCluster(world, { clusterId, changes: { name, migrationLimits } }, decide),
  )
})

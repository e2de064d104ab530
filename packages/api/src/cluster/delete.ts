import { decideDeleteCluster } from '@drover/engine'
import { z } from 'zod'
import { change, type Done } from '../act'
import { acting } from '../schema/acting'
import { clusterId } from '../schema/id'
import { admin } from '../trpc'

const input = z.object({ clusterId, ...acting })

/** Removes a cluster that holds no host. */
export const remove = admin.input(input).mutation(({ ctx, input }): Promise<Done> => {
  const { clusterId } = input
  return change(ctx, input, (world, decide) => decideDeleteCluster(world, { clusterId }, decide))
})

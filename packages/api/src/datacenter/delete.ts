import { decideDeleteDatacenter } from '@drover/engine'
import { z } from 'zod'
import { change, type Done } from '../act'
import { acting } from '../schema/acting'
import { datacenterId } from '../schema/id'
import { admin } from '../trpc'

const input = z.object({ datacenterId, ...acting })

/** Removes a datacenter that holds no cluster. */
export const remove = admin.input(input).mutation(({ ctx, input }): Promise<Done> => {
  const { datacenterId } = input
  return change(ctx, input, (world, decide) => decideDeleteDatacenter(world, { datacenterId }, decide))
})

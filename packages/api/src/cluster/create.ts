import { decideCreateCluster } from '@drover/engine'
import { z } from 'zod'
import { change, type Done } from '../act'
import { acting } from '../schema/acting'
import { datacenterId } from '../schema/id'
import { displayName } from '../schema/text'
import { admin } from '../trpc'

const input = z.object({ datacenterId, name: displayName, ...acting })

/** A new cluster without hosts. */
export const create = admin.input(input).mutation(({ ctx, input }): Promise<Done> => {
  const { datacenterId, name } = input
  return change(ctx, input, (world, decide) => decideCreateCluster(world, { datacenterId, name }, decide))
})

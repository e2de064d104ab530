import { decideExitMaintenance } from '@drover/engine'
import { z } from 'zod'
import { change, type Done } from '../act'
import { acting } from '../schema/acting'
import { hostId } from '../schema/id'
import { operator } from '../trpc'

const input = z.object({ hostId, ...acting })

/** Puts a host back into use. */
export const exitMaintenance = operator.input(input).mutation(({ ctx, input }): Promise<Done> => {
  const { hostId } = input
  return change(ctx, input, (world, decide) => decideExitMaintenance(world, { hostId }, decide))
})

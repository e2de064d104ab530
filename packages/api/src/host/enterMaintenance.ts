import { decideEnterMaintenance } from '@drover/engine'
import { z } from 'zod'
import { change, type Done } from '../act'
import { acting } from '../schema/acting'
import { hostId } from '../schema/id'
import { operator } from '../trpc'

const input = z.object({ hostId, ...acting })

/** Takes a host out of use; refused while VMs are active there. */
export const enterMaintenance = operator.input(input).mutation(({ ctx, input }): Promise<Done> => {
  const { hostId, reason } = input
  return change(ctx, input, (world, decide) =>
    decideEnterMaintenance(world, { hostId, reason: reason || null }, decide),
  )
})

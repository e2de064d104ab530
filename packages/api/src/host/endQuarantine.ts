import { decideEndQuarantine } from '@drover/engine'
import { z } from 'zod'
import { change, type Done } from '../act'
import { acting } from '../schema/acting'
import { hostId } from '../schema/id'
import { operator } from '../trpc'

const input = z.object({ hostId, ...acting })

/** Lets a host have VMs again that was lost too often. */
export const endQuarantine = operator
  .input(input)
  .mutation(
    ({ ctx, input }): Promise<Done> =>
      change(ctx, input, (world, decide) => decideEndQuarantine(world, { hostId: input.hostId }, decide)),
  )

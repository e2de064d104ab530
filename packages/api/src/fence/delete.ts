import { decideDeleteFence } from '@drover/engine'
import { z } from 'zod'
import { change, type Done } from '../act'
import { acting } from '../schema/acting'
import { fenceId } from '../schema/id'
import { admin } from '../trpc'

const input = z.object({ fenceId, ...acting })

/** Forgets a fence device, with its secrets. */
export const remove = admin
  .input(input)
  .mutation(
    ({ ctx, input }): Promise<Done> =>
      change(ctx, input, (world, decide) => decideDeleteFence(world, { fenceId: input.fenceId }, decide)),
  )

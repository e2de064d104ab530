import { decideRollContinue } from '@drover/engine'
import { z } from 'zod'
import { change, type Done } from '../act'
import { acting } from '../schema/acting'
import { taskId } from '../schema/id'
import { operator } from '../trpc'

/** Somebody is done at the hosts that a roll has paused at: it goes on. */
export const rollContinue = operator
  .input(z.object({ taskId, ...acting }))
  .mutation(
    ({ ctx, input }): Promise<Done> =>
      change(ctx, input, (world, decide) => decideRollContinue(world, input, decide)),
  )

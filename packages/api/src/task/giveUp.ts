import { decideGiveUp } from '@drover/engine'
import { z } from 'zod'
import { change, type Done } from '../act'
import { acting } from '../schema/acting'
import { taskId } from '../schema/id'
import { operator } from '../trpc'

const input = z.object({ taskId, ...acting })

/** Ends a task that waits for a silent host; what that host did is asked when it is back. */
export const giveUp = operator.input(input).mutation(({ ctx, input }): Promise<Done> => {
  const { taskId } = input
  return change(ctx, input, (world, decide) => decideGiveUp(world, { taskId }, decide))
})

import { decideCancel } from '@drover/engine'
import { z } from 'zod'
import { change, type Done } from '../act'
import { acting } from '../schema/acting'
import { taskId } from '../schema/id'
import { operator } from '../trpc'

const input = z.object({ taskId, ...acting })

/** Asks a task to stop; it says itself how it ended. */
export const cancel = operator.input(input).mutation(({ ctx, input }): Promise<Done> => {
  const { taskId } = input
  return change(ctx, input, (world, decide) => decideCancel(world, { taskId }, decide))
})

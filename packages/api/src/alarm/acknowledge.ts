import { decideAcknowledge } from '@drover/engine'
import { z } from 'zod'
import { change, type Done } from '../act'
import { acting } from '../schema/acting'
import { alarmId } from '../schema/id'
import { operator } from '../trpc'

const input = z.object({ alarmId, ...acting })

/** Says that somebody has seen an alarm. */
export const acknowledge = operator
  .input(input)
  .mutation(
    ({ ctx, input }): Promise<Done> =>
      change(ctx, input, (world, decide) => decideAcknowledge(world, { alarmId: input.alarmId }, decide)),
  )

import { decideChangeAutomation } from '@drover/engine'
import { z } from 'zod'
import { change, type Done } from '../act'
import { acting } from '../schema/acting'
import { vmId } from '../schema/id'
import { operator } from '../trpc'

const input = z.object({
  vmId,
  /** Null: as far as its cluster says. It only ever holds rules back. */
  automation: z.enum(['manual', 'partial', 'full'], 'must be manual, partial, full or null.').nullable(),
  ...acting,
})

/** How far rules go with a VM by themselves. */
export const changeAutomation = operator.input(input).mutation(({ ctx, input }): Promise<Done> => {
  const { vmId, automation } = input
  return change(ctx, input, (world, decide) => decideChangeAutomation(world, { vmId, automation }, decide))
})

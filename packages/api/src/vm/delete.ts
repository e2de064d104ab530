import { decideDeleteVm } from '@drover/engine'
import { z } from 'zod'
import { type Acted, act } from '../act'
import { acting } from '../schema/acting'
import { vmId } from '../schema/id'
import { confirmName } from '../schema/text'
import { operator } from '../trpc'

const input = z.object({ vmId, confirmName, ...acting })

/** Deletes a VM that is off, with its disks. Its name has to be typed. */
export const remove = operator.input(input).mutation(({ ctx, input }): Promise<Acted> => {
  const { vmId, confirmName } = input
  return act(ctx, input, (world, decide) => decideDeleteVm(world, { vmId, confirmName }, decide))
})

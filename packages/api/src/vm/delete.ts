import { decideDelete, planDelete } from '@drover/engine'
import { z } from 'zod'
import { type Acted, act } from '../act'
import { found } from '../found'
import { acting } from '../schema/acting'
import { vmId } from '../schema/id'
import { confirmName } from '../schema/text'
import { operator } from '../trpc'

const input = z.object({ vmId, confirmName, ...acting })

/** Deletes a VM that is off, with its disks. Its name has to be typed. */
export const remove = operator.input(input).mutation(
  ({ ctx, input }): Promise<Acted> =>
    act(ctx, input, {
      plan: (world) =>
        planDelete(world, found(world.tables.vm.get(input.vmId), 'VM', input.vmId), input.confirmName),
      decide: (world, context) => decideDelete(world, input, context),
    }),
)

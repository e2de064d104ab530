import { decideChange, planChange } from '@drover/engine'
import { z } from 'zod'
import { type Acted, act } from '../act'
import { found } from '../found'
import { acting } from '../schema/acting'
import { vmId } from '../schema/id'
import { vmChanges } from '../schema/vm'
import { operator } from '../trpc'

const input = z.object({ vmId, changes: vmChanges, ...acting })

/** Changes notes and tags at any time; name, vCPUs and memory of a VM that is off. */
export const change = operator.input(input).mutation(
  ({ ctx, input }): Promise<Acted> =>
    act(ctx, input, {
      plan: (world) =>
        planChange(world, found(world.tables.vm.get(input.vmId), 'VM', input.vmId), input.changes),
      decide: (world, context) => decideChange(world, input, context),
    }),
)

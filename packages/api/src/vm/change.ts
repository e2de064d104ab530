import { decideChangeVm } from '@drover/engine'
import { z } from 'zod'
import { type Acted, act } from '../act'
import { acting } from '../schema/acting'
import { vmId } from '../schema/id'
import { vmChanges } from '../schema/vm'
import { operator } from '../trpc'

const input = z.object({ vmId, changes: vmChanges, ...acting })

/** Changes name, notes and tags at any time; vCPUs and memory of a VM that is off. */
export const change = operator.input(input).mutation(({ ctx, input }): Promise<Acted> => {
  const { vmId, changes } = input
  return act(ctx, input, (world, decide) => decideChangeVm(world, { vmId, changes }, decide))
})

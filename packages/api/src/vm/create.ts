import { decideCreateVm } from '@drover/engine'
import { type Acted, act } from '../act'
import { acting } from '../schema/acting'
import { createVmInput } from '../schema/vm'
import { operator } from '../trpc'

const input = createVmInput.extend(acting)

/** A new VM, its disk copied from an image; placed by hand, or where it fits best. */
export const create = operator.input(input).mutation(({ ctx, input }): Promise<Acted> => {
  const { reason, dryRun, ...vm } = input
  return act(ctx, input, (world, decide) => decideCreateVm(world, vm, decide))
})

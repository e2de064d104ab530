import { decideCreate, planCreate } from '@drover/engine'
import { type Acted, act } from '../act'
import { acting } from '../schema/acting'
import { createVmInput } from '../schema/vm'
import { operator } from '../trpc'

const input = createVmInput.extend(acting)

/** A new VM, its disk copied from an image; placed by hand, or where it fits best. */
export const create = operator.input(input).mutation(({ ctx, input }): Promise<Acted> => {
  const { dryRun, ...asked } = input
  return act(ctx, input, {
    plan: (world) => planCreate(world, asked),
    decide: (world, context) => decideCreate(world, asked, context),
  })
})

import { decideFence, planFence } from '@drover/engine'
import { z } from 'zod'
import { type Acted, act } from '../act'
import { found } from '../found'
import { acting } from '../schema/acting'
import { hostId } from '../schema/id'
import { confirmName } from '../schema/text'
import { operator } from '../trpc'

const input = z.object({ hostId, confirmName, ...acting })

/** Switches a host off, whatever runs there, and makes sure that it is. Its name has to be typed. */
export const fence = operator.input(input).mutation(
  ({ ctx, input }): Promise<Acted> =>
    act(ctx, input, {
      plan: (world) =>
        planFence(world, found(world.tables.host.get(input.hostId), 'host', input.hostId)).plan,
      decide: (world, context) => decideFence(world, input, context),
    }),
)

import { decidePowerOn, planPowerOn } from '@drover/engine'
import { z } from 'zod'
import { type Acted, act } from '../act'
import { found } from '../found'
import { acting } from '../schema/acting'
import { hostId } from '../schema/id'
import { operator } from '../trpc'

const input = z.object({ hostId, ...acting })

/** Switches a host on that is off, and waits for its agent. */
export const powerOn = operator.input(input).mutation(
  ({ ctx, input }): Promise<Acted> =>
    act(ctx, input, {
      plan: (world) => planPowerOn(world, found(world.tables.host.get(input.hostId), 'host', input.hostId)),
      decide: (world, context) => decidePowerOn(world, input, context),
    }),
)

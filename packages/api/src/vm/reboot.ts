import { decidePower } from '@drover/engine'
import { z } from 'zod'
import { type Acted, act } from '../act'
import { acting } from '../schema/acting'
import { vmId } from '../schema/id'
import { deadlineMs } from '../schema/quantity'
import { operator } from '../trpc'

const input = z.object({ vmId, deadlineMs: deadlineMs.optional(), ...acting })

/** Asks the guest to reboot. */
export const reboot = operator.input(input).mutation(({ ctx, input }): Promise<Acted> => {
  const { vmId, deadlineMs } = input
  return act(ctx, input, (world, decide) => decidePower(world, { vmId, verb: 'reboot', deadlineMs }, decide))
})

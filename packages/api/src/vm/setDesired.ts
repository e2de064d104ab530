import { decideSetDesired } from '@drover/engine'
import { z } from 'zod'
import { change as changeNow, type Done } from '../act'
import { acting } from '../schema/acting'
import { vmId } from '../schema/id'
import { operator } from '../trpc'

const desired = z.enum(['running', 'stopped'], 'must be running or stopped.')
const input = z.object({ vmId, desired, ...acting })

/** Whether a VM should run. One that should and does not is started wherever it can be; nothing is stopped by this. */
export const setDesired = operator
  .input(input)
  .mutation(
    ({ ctx, input }): Promise<Done> =>
      changeNow(ctx, input, (world, decide) => decideSetDesired(world, input, decide)),
  )

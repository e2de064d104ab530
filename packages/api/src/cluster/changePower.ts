import { decideChangePower } from '@drover/engine'
import { z } from 'zod'
import { change as changeNow, type Done } from '../act'
import { acting, seenVersion } from '../schema/acting'
import { clusterId } from '../schema/id'
import { powerChanges } from '../schema/power'
import { admin } from '../trpc'

const input = z.object({ clusterId, changes: powerChanges, version: seenVersion, ...acting })

/** How a cluster saves power; `mode` switches it on and off. */
export const changePower = admin
  .input(input)
  .mutation(
    ({ ctx, input }): Promise<Done> =>
      changeNow(ctx, input, (world, decide) => decideChangePower(world, input, decide)),
  )

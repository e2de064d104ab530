import { decideChangeHa } from '@drover/engine'
import { z } from 'zod'
import { change as changeNow, type Done } from '../act'
import { acting } from '../schema/acting'
import { haChanges } from '../schema/ha'
import { clusterId } from '../schema/id'
import { admin } from '../trpc'

const input = z.object({ clusterId, changes: haChanges, ...acting })

/** How a cluster looks after its VMs; `mode` arms it or takes it out of the way. */
export const changeHa = admin
  .input(input)
  .mutation(
    ({ ctx, input }): Promise<Done> =>
      changeNow(ctx, input, (world, decide) => decideChangeHa(world, input, decide)),
  )

import { decideChangeBalance } from '@drover/engine'
import { z } from 'zod'
import { change as changeNow, type Done } from '../act'
import { acting, seenVersion } from '../schema/acting'
import { balanceChanges } from '../schema/balance'
import { clusterId } from '../schema/id'
import { admin } from '../trpc'

const input = z.object({ clusterId, changes: balanceChanges, version: seenVersion, ...acting })

/** How a cluster evens out its load; `mode` switches it on and off. */
export const changeBalance = admin
  .input(input)
  .mutation(
    ({ ctx, input }): Promise<Done> =>
      changeNow(ctx, input, (world, decide) => decideChangeBalance(world, input, decide)),
  )

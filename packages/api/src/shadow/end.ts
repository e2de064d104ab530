import { decideShadowEnd } from '@drover/engine'
import { z } from 'zod'
import { change, type Done } from '../act'
import { acting } from '../schema/acting'
import { clusterId } from '../schema/id'
import { admin } from '../trpc'

/** Ends what decides beside the active rules of a cluster. Its reports stay in history. */
export const end = admin
  .input(z.object({ clusterId, ...acting }))
  .mutation(
    ({ ctx, input }): Promise<Done> =>
      change(ctx, input, (world, make) => decideShadowEnd(world, input, make)),
  )

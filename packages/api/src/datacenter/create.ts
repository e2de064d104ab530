import { decideCreateDatacenter } from '@drover/engine'
import { z } from 'zod'
import { change, type Done } from '../act'
import { acting } from '../schema/acting'
import { displayName } from '../schema/text'
import { admin } from '../trpc'

const input = z.object({ name: displayName, ...acting })

/** A new, empty datacenter. */
export const create = admin
  .input(input)
  .mutation(
    ({ ctx, input }): Promise<Done> =>
      change(ctx, input, (world, decide) => decideCreateDatacenter(world, { name: input.name }, decide)),
  )

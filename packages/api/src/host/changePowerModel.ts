import { decideChangePowerModel } from '@drover/engine'
import { z } from 'zod'
import { change, type Done } from '../act'
import { acting } from '../schema/acting'
import { hostId } from '../schema/id'
import { powerModel } from '../schema/power'
import { admin } from '../trpc'

const input = z.object({ hostId, model: powerModel.nullable(), ...acting })

/** What a host draws; null: as its cluster says. */
export const changePowerModel = admin
  .input(input)
  .mutation(
    ({ ctx, input }): Promise<Done> =>
      change(ctx, input, (world, decide) => decideChangePowerModel(world, input, decide)),
  )

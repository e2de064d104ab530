import { decideChangeVmHa } from '@drover/engine'
import { z } from 'zod'
import { change as changeNow, type Done } from '../act'
import { acting } from '../schema/acting'
import { vmHa } from '../schema/ha'
import { vmId } from '../schema/id'
import { operator } from '../trpc'

const input = z.object({ vmId, ha: vmHa, ...acting })

/** How a VM is looked after: whether, when and how often it is restarted, and what is done when its host is cut off. */
export const changeHa = operator
  .input(input)
  .mutation(
    ({ ctx, input }): Promise<Done> =>
      changeNow(ctx, input, (world, decide) => decideChangeVmHa(world, input, decide)),
  )

import { decideConfirmOff } from '@drover/engine'
import { z } from 'zod'
import { change, type Done } from '../act'
import { acting } from '../schema/acting'
import { hostId } from '../schema/id'
import { confirmName } from '../schema/text'
import { operator } from '../trpc'

const input = z.object({ hostId, confirmName, ...acting })

/** Somebody vouches that a host is off, and is named in history for it. Its VMs are started elsewhere on that word. */
export const confirmOff = operator.input(input).mutation(({ ctx, input }): Promise<Done> => {
  const { hostId, confirmName } = input
  const said = { hostId, confirmName, person: ctx.user.name }
  return change(ctx, input, (world, decide) => decideConfirmOff(world, said, decide))
})

import { decideRemove } from '@drover/engine'
import { z } from 'zod'
import { change, type Done } from '../act'
import { acting } from '../schema/acting'
import { hostId } from '../schema/id'
import { confirmName } from '../schema/text'
import { admin } from '../trpc'

const input = z.object({ hostId, confirmName, ...acting })

/** Forgets a host and its VMs; nothing on the machine itself is touched. Its name has to be typed. */
export const remove = admin.input(input).mutation(({ ctx, input }): Promise<Done> => {
  const { hostId, confirmName } = input
  return change(ctx, input, (world, decide) => decideRemove(world, { hostId, confirmName }, decide))
})

import { decideDismiss } from '@drover/engine'
import { z } from 'zod'
import { change, type Done } from '../act'
import { acting } from '../schema/acting'
import { decisionId } from '../schema/id'
import { operator } from '../trpc'

const input = z.object({ decisionId, ...acting })

/** Turns a recommendation down; it is not made again for an hour, unless its rule is changed. */
export const dismiss = operator.input(input).mutation(({ ctx, input }): Promise<Done> => {
  const { decisionId } = input
  return change(ctx, input, (world, decide) => decideDismiss(world, { decisionId }, decide))
})

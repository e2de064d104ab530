import { decideDeleteRule } from '@drover/engine'
import { z } from 'zod'
import { change, type Done } from '../act'
import { acting } from '../schema/acting'
import { ruleId } from '../schema/id'
import { admin } from '../trpc'

const input = z.object({ ruleId, ...acting })

/** Removes a rule; what runs stays where it is. */
export const remove = admin.input(input).mutation(({ ctx, input }): Promise<Done> => {
  const { ruleId } = input
  return change(ctx, input, (world, decide) => decideDeleteRule(world, { ruleId }, decide))
})

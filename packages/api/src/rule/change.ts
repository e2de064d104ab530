import { decideChangeRule } from '@drover/engine'
import { z } from 'zod'
import { change as changeNow, type Done } from '../act'
import { acting, seenVersion } from '../schema/acting'
import { ruleId } from '../schema/id'
import { ruleChanges } from '../schema/rule'
import { admin } from '../trpc'

const input = z.object({ ruleId, changes: ruleChanges, version: seenVersion, ...acting })

/** Changes a rule or switches it on or off; what is left out stays. */
export const change = admin.input(input).mutation(({ ctx, input }): Promise<Done> => {
  const { ruleId, changes, version } = input
  return changeNow(ctx, input, (world, decide) =>
    decideChangeRule(world, { ruleId, changes, version }, decide),
  )
})

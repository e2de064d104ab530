import { decideRoll, type RollStarted, rehearseRoll } from '@drover/engine'
import { commit } from '../act'
import { found } from '../found'
import { acting } from '../schema/acting'
import { rolling } from '../schema/roll'
import { operator } from '../trpc'

/** Takes each host of a cluster out of service in turn, does with it what is to be done, and brings its VMs back. */
export const roll = operator
  .input(rolling.extend(acting))
  .mutation(async ({ ctx, input }): Promise<RollStarted> => {
    const { world } = ctx.control
    found(world.tables.cluster.get(input.clusterId), 'cluster', input.clusterId)
    if (input.dryRun) return rehearseRoll(world, input, ctx.now())
    return commit(ctx, (now, decide) => decideRoll(now, input, decide), input.reason)
  })

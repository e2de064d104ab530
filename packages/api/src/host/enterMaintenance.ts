import { decideEnterMaintenance, type EvacuationStarted, rehearseEvacuate } from '@drover/engine'
import { commit } from '../act'
import { found } from '../found'
import { emptying } from '../schema/host'
import { operator } from '../trpc'

/** Takes a host out of service: no new VMs, then empty, then in maintenance. */
export const enterMaintenance = operator
  .input(emptying)
  .mutation(async ({ ctx, input }): Promise<EvacuationStarted> => {
    const { world } = ctx.control
    found(world.tables.host.get(input.hostId), 'host', input.hostId)
    const then = 'maintenance'
    if (input.dryRun) return rehearseEvacuate(world, { ...input, then }, ctx.now())
    return commit(ctx, (now, decide) => decideEnterMaintenance(now, input, decide), input.reason)
  })

import { decideExitMaintenance, type EvacuationStarted, rehearseExit } from '@drover/engine'
import { z } from 'zod'
import { commit } from '../act'
import { found } from '../found'
import { acting } from '../schema/acting'
import { hostId } from '../schema/id'
import { operator } from '../trpc'

const input = z.object({ hostId, home: z.boolean('must be true or false.').default(false), ...acting })

/** Puts a host back into service; with `home` what was taken from it comes back. */
export const exitMaintenance = operator
  .input(input)
  .mutation(async ({ ctx, input }): Promise<EvacuationStarted> => {
    const { world } = ctx.control
    found(world.tables.host.get(input.hostId), 'host', input.hostId)
    if (input.dryRun) return rehearseExit(world, input)
    return commit(ctx, (now, decide) => decideExitMaintenance(now, input, decide), input.reason)
  })

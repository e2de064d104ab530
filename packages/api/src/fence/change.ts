import { decideChangeFence } from '@drover/engine'
import { z } from 'zod'
import { change as changeNow, type Done } from '../act'
import { found } from '../found'
import { granted } from '../refused'
import { acting } from '../schema/acting'
import { fenceFields } from '../schema/fence'
import { fenceId } from '../schema/id'
import { admin } from '../trpc'

const input = z.object({ fenceId, ...z.object(fenceFields).partial().shape, ...acting })

/** What is left out stays. Parameters are given as a whole; a secret that is left empty stays as it is. */
export const change = admin.input(input).mutation(async ({ ctx, input }): Promise<Done> => {
  const { fenceId, reason: _r, dryRun: _d, params, agent, ...rest } = input
  const device = found(ctx.control.world.tables.fence.get(fenceId), 'fence device', fenceId)
  const anew = params !== undefined || (agent !== undefined && agent !== device.agent)
  const prepared = anew
    ? granted(await ctx.control.fences.prepare(agent ?? device.agent, params ?? device.params, device.sealed))
    : {}
  const changes = { ...rest, ...(agent === undefined ? {} : { agent }), ...prepared }
  return changeNow(ctx, input, (world, decide) => decideChangeFence(world, { fenceId, changes }, decide))
})

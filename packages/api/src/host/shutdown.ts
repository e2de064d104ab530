import { decideShutdownHost, type EvacuationStarted, rehearseShutdown } from '@drover/engine'
import { z } from 'zod'
import { commit } from '../act'
import { found } from '../found'
import { emptying, guestPolicy } from '../schema/host'
import { operator } from '../trpc'

const input = emptying.extend({
  reboot: z.boolean('must be true or false.').default(false),
  guests: guestPolicy,
  confirmName: z.string('must be the name of the host.'),
})

/** Shuts a host down or reboots it, doing with its guests as the policy says. */
export const shutdown = operator.input(input).mutation(async ({ ctx, input }): Promise<EvacuationStarted> => {
  const { world } = ctx.control
  found(world.tables.host.get(input.hostId), 'host', input.hostId)
  if (input.dryRun) return rehearseShutdown(world, input, ctx.now())
  return commit(ctx, (now, decide) => decideShutdownHost(now, input, decide), input.reason)
})

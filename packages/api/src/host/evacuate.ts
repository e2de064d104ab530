import { decideEvacuate, type EvacuationStarted, rehearseEvacuate } from '@drover/engine'
import { z } from 'zod'
import { commit } from '../act'
import { found } from '../found'
import { emptying } from '../schema/host'
import { operator } from '../trpc'

// biome-ignore lint/suspicious/noThenProperty: what follows when the host is empty; nobody awaits it
const input = emptying.extend({ then: z.enum(['maintenance', 'nothing']).default('nothing') })

/** Empties a host by the plan that was approved; with `then` it is in maintenance afterwards. */
export const evacuate = operator.input(input).mutation(async ({ ctx, input }): Promise<EvacuationStarted> => {
  const { world } = ctx.control
  found(world.tables.host.get(input.hostId), 'host', input.hostId)
  if (input.dryRun) return rehearseEvacuate(world, input, ctx.now())
  return commit(ctx, (now, decide) => decideEvacuate(now, input, decide), input.reason)
})

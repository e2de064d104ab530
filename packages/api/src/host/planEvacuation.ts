import { planEvacuation as planOf } from '@drover/engine'
import type { EvacuationPlan } from '@drover/model'
import { z } from 'zod'
import { found } from '../found'
import { cold } from '../schema/host'
import { hostId } from '../schema/id'
import { auditor } from '../trpc'

/** How a host would be emptied: where each of its VMs would go, how and in what time, or why it can go nowhere. */
export const planEvacuation = auditor
  .input(z.object({ hostId, cold }))
  .query(({ ctx, input }): EvacuationPlan => {
    const { world } = ctx.control
    found(world.tables.host.get(input.hostId), 'host', input.hostId)
    return planOf(world, input.hostId, ctx.now(), { cold: input.cold })
  })

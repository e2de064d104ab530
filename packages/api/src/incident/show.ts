import type { Incident } from '@drover/model'
import { z } from 'zod'
import { found } from '../found'
import { incidentId } from '../schema/id'
import { auditor } from '../trpc'

/** The story of one incident. */
export const show = auditor
  .input(z.object({ incidentId }))
  .query(async ({ ctx, input }): Promise<Incident> => {
    const { incidentId } = input
    const here = ctx.control.world.tables.incident.get(incidentId)
    const [past] = here ? [] : await ctx.control.incidents({ incidentId, limit: 1 })
    return found(here ?? past, 'incident', incidentId)
  })

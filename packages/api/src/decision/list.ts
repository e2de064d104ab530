import type { LoadDecision } from '@drover/model'
import { z } from 'zod'
import { clusterId } from '../schema/id'
import { at, pageSize } from '../schema/quantity'
import { auditor } from '../trpc'

const input = z
  .object({
    clusterId: clusterId.optional(),
    /** Only what is recommended or under way. */
    open: z.boolean('must be true or false.').default(false),
    /** Made before; to go on from the last one of a page. */
    beforeAt: at.optional(),
    limit: pageSize.default(100),
  })
  .default({ open: false, limit: 100 })

/** Recommendations and automatic acts about load, newest first: those of the past too. */
export const list = auditor
  .input(input)
  .query(({ ctx, input }): Promise<LoadDecision[]> => ctx.control.decisions(input))

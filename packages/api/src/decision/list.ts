import { publicDecision } from '@drover/control'
import { isOpenDecision, type LoadDecision } from '@drover/model'
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

/** Recommendations and automatic acts about load, newest first: those that are open, and the last ones that have ended. */
export const list = auditor.input(input).query(({ ctx, input }): LoadDecision[] =>
  [...ctx.control.world.tables.decision.values()]
    .filter(
      (row) =>
        (!input.clusterId || row.clusterId === input.clusterId) &&
        (!input.open || isOpenDecision(row)) &&
        (input.beforeAt === undefined || row.at < input.beforeAt),
    )
    .sort((a, b) => b.at - a.at || Number(b.id.slice(9)) - Number(a.id.slice(9)))
    .slice(0, input.limit)
    .map(publicDecision),
)

import { whatIf as answer } from '@drover/engine'
import type { WhatIf } from '@drover/model'
import { z } from 'zod'
import { granted } from '../refused'
import { datastoreId, hostId } from '../schema/id'
import { auditor } from '../trpc'

const input = z.object({
  hostIds: z.array(hostId, 'must be a list of hosts.').max(64, 'are more than 64. Name fewer.').default([]),
  datastoreIds: z
    .array(datastoreId, 'must be a list of datastores.')
    .max(64, 'are more than 64. Name fewer.')
    .default([]),
})

/** What would come of losing these now: for each VM where it would run and when, or why not. Nothing is changed. */
export const whatIf = auditor
  .input(input)
  .query(({ ctx, input }): WhatIf => granted(answer(ctx.control.world, input, ctx.now())))

import type { FenceAgentInfo } from '@drover/model'
import { z } from 'zod'
import { refused } from '../refused'
import { agentName } from '../schema/fence'
import { auditor } from '../trpc'

/** What a fence program wants to know, from its own metadata. */
export const describe = auditor
  .input(z.object({ agent: agentName }))
  .query(async ({ ctx, input }): Promise<FenceAgentInfo> => {
    const info = await ctx.control.fences.describe(input.agent)
    if ('code' in info) throw refused([info])
    return info
  })

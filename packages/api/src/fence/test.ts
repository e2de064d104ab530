import type { FenceTest } from '@drover/model'
import { z } from 'zod'
import { initiatorOf } from '../act'
import { found } from '../found'
import { granted } from '../refused'
import { fenceId } from '../schema/id'
import { operator } from '../trpc'

/** Asks a device for the power state, now; nothing is switched. */
export const test = operator
  .input(z.object({ fenceId }))
  .mutation(async ({ ctx, input }): Promise<FenceTest> => {
    const answer = granted(await ctx.control.testFence(initiatorOf(ctx), input.fenceId))
    return found(answer ?? undefined, 'fence device', input.fenceId)
  })

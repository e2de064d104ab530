import { decideCreateFence } from '@drover/engine'
import type { FenceId } from '@drover/model'
import { z } from 'zod'
import { change, commit, type Done } from '../act'
import { granted } from '../refused'
import { acting } from '../schema/acting'
import { fenceFields } from '../schema/fence'
import { hostId } from '../schema/id'
import { admin } from '../trpc'

const input = z.object({
  hostId,
  ...fenceFields,
  level: fenceFields.level.default(1),
  viaHostId: fenceFields.viaHostId.default(null),
  delayMs: fenceFields.delayMs.default(0),
  retries: fenceFields.retries.default(1),
  timeoutMs: fenceFields.timeoutMs.default(20_000),
  enabled: fenceFields.enabled.default(true),
  ...acting,
})

/** A new way to switch a host off. It is tested at once. */
export const create = admin
  .input(input)
  .mutation(async ({ ctx, input }): Promise<Done & { fenceId: FenceId | null }> => {
    const { reason, dryRun, params, ...given } = input
    const device = { ...given, ...granted(await ctx.control.fences.prepare(input.agent, params)) }
    if (dryRun)
      return { ...(await change(ctx, input, (w, c) => decideCreateFence(w, device, c))), fenceId: null }
    const { fenceId } = await commit(ctx, (world, decide) => decideCreateFence(world, device, decide), reason)
    return { done: true, fenceId }
  })

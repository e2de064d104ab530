import { decideChangePower, settingConflicts } from '@drover/engine'
import type { LoadConflict } from '@drover/model'
import { z } from 'zod'
import { change as changeNow, type Done } from '../act'
import { acting, seenVersion } from '../schema/acting'
import { clusterId } from '../schema/id'
import { powerChanges } from '../schema/power'
import { admin } from '../trpc'

const input = z.object({ clusterId, changes: powerChanges, version: seenVersion, ...acting })

/** How a cluster saves power; `mode` switches it on and off. Answers what that conflicts with. */
export const changePower = admin
  .input(input)
  .mutation(async ({ ctx, input }): Promise<Done & { conflicts: LoadConflict[] }> => {
    const conflicts = settingConflicts(ctx.control.world, input.clusterId, { power: input.changes })
    const done = await changeNow(ctx, input, (world, decide) => decideChangePower(world, input, decide))
    return { ...done, conflicts }
  })

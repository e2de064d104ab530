import { decideChangeBalance, settingConflicts } from '@drover/engine'
import type { LoadConflict } from '@drover/model'
import { z } from 'zod'
import { change as changeNow, type Done } from '../act'
import { acting, seenVersion } from '../schema/acting'
import { balanceChanges } from '../schema/balance'
import { clusterId } from '../schema/id'
import { admin } from '../trpc'

const input = z.object({ clusterId, changes: balanceChanges, version: seenVersion, ...acting })

/** How a cluster evens out its load; `mode` switches it on and off. Answers what that conflicts with. */
export const changeBalance = admin
  .input(input)
  .mutation(async ({ ctx, input }): Promise<Done & { conflicts: LoadConflict[] }> => {
    const conflicts = settingConflicts(ctx.control.world, input.clusterId, { balance: input.changes })
    const done = await changeNow(ctx, input, (world, decide) => decideChangeBalance(world, input, decide))
    return { ...done, conflicts }
  })

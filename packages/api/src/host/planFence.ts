import { type FencePlan, planFence as plan, whatIf } from '@drover/engine'
import type { WhatIfVm } from '@drover/model'
import { z } from 'zod'
import { found } from '../found'
import { granted } from '../refused'
import { hostId } from '../schema/id'
import { auditor } from '../trpc'

export interface FenceShown extends FencePlan {
  /** What high availability would make of the VMs that die: where each would run, or why not. */
  restarts: WhatIfVm[]
}

/** What fencing a host would do: which VMs die, and where they would come up again. */
export const planFence = auditor.input(z.object({ hostId })).query(({ ctx, input }): FenceShown => {
  const { world } = ctx.control
  const host = found(world.tables.host.get(input.hostId), 'host', input.hostId)
  const { vms } = granted(whatIf(world, { hostIds: [host.id], datastoreIds: [] }, ctx.now()))
  return { ...plan(world, host), restarts: vms }
})

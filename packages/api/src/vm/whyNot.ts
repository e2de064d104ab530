import { whyNot as why } from '@drover/engine'
import type { LoadWhyNot } from '@drover/model'
import { z } from 'zod'
import { found } from '../found'
import { hostId, vmId } from '../schema/id'
import { auditor } from '../trpc'

/** Why a VM is not on a host: what makes it impossible, what rules say, what loads would come to. */
export const whyNot = auditor.input(z.object({ vmId, hostId })).query(({ ctx, input }): LoadWhyNot => {
  const { world } = ctx.control
  const vm = found(world.tables.vm.get(input.vmId), 'VM', input.vmId)
  const host = found(world.tables.host.get(input.hostId), 'host', input.hostId)
  return why(world, vm, host, ctx.now())
})

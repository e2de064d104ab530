import { migrationTargets as targetsOf } from '@drover/engine'
import type { MigrationTargets } from '@drover/model'
import { z } from 'zod'
import { found } from '../found'
import { vmId } from '../schema/id'
import { auditor } from '../trpc'

/** Every host of the VM's cluster, each way of getting there, and every reason why not. */
export const migrationTargets = auditor
  .input(z.object({ vmId }))
  .query(({ ctx, input }): MigrationTargets => {
    const { world } = ctx.control
    const vm = found(world.tables.vm.get(input.vmId), 'VM', input.vmId)
    return targetsOf(world, vm, ctx.now())
  })

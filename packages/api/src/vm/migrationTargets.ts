import { migrationTargets as targetsOf } from '@drover/engine'
import type { MigrationTargets } from '@drover/model'
import { z } from 'zod'
import { refused } from '../refused'
import { vmId } from '../schema/id'
import { migrationOptions } from '../schema/vm'
import { auditor } from '../trpc'

/** Every host of the VM's cluster, each way of getting there, and every reason why not. */
export const migrationTargets = auditor
  .input(z.object({ vmId, options: migrationOptions.default({}) }))
  .query(({ ctx, input }): MigrationTargets => {
    const answer = targetsOf(ctx.control.world, input.vmId, input.options)
    if (!answer.ok) throw refused(answer.refusals)
    return answer.targets
  })

import { decideMigrate, planMigrate } from '@drover/engine'
import { z } from 'zod'
import { type Acted, act } from '../act'
import { found } from '../found'
import { acting } from '../schema/acting'
import { datastoreId, hostId, vmId } from '../schema/id'
import { migrationMethod, migrationOptions } from '../schema/vm'
import { operator } from '../trpc'

const input = z.object({
  vmId,
  targetId: hostId.nullable().default(null),
  method: migrationMethod.nullable().default(null),
  datastoreIds: z.array(datastoreId, 'must be a list of datastores.').max(64).nullable().default(null),
  options: migrationOptions.default({}),
  ...acting,
})

/** Moves a VM to another host: the best one and the best way where none is named. */
export const migrate = operator.input(input).mutation(
  ({ ctx, input }): Promise<Acted> =>
    act(ctx, input, {
      plan: (world) => planMigrate(world, found(world.tables.vm.get(input.vmId), 'VM', input.vmId), input),
      decide: (world, context) => decideMigrate(world, input, context),
    }),
)

import { decideMigrate, decideMigrateGroup, planMigrate, planMigrateGroup } from '@drover/engine'
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
  /** With all VMs that a rule keeps on one host with it. */
  withGroup: z.boolean('must be true or false.').default(false),
  ...acting,
})

/** Moves a VM to another host: the best one and the best way where none is named. */
export const migrate = operator.input(input).mutation(({ ctx, input }): Promise<Acted> => {
  const [plan, decide] = input.withGroup
    ? [planMigrateGroup, decideMigrateGroup]
    : [planMigrate, decideMigrate]
  return act(ctx, input, {
    plan: (world) => plan(world, found(world.tables.vm.get(input.vmId), 'VM', input.vmId), input),
    decide: (world, context) => decide(world, input, context),
  })
})

import { placements as placementsOf } from '@drover/engine'
import type { Placement } from '@drover/model'
import { z } from 'zod'
import { clusterId, datastoreId, networkId } from '../schema/id'
import { diskBytes, memoryBytes, vcpus } from '../schema/quantity'
import { image } from '../schema/vm'
import { auditor } from '../trpc'

const input = z.object({
  clusterId,
  vcpus,
  memoryBytes,
  image,
  datastoreId: datastoreId.nullable().default(null),
  diskBytes: diskBytes.nullable().default(null),
  networkId: networkId.nullable().default(null),
})

/** Every host of the cluster as a place for a new VM, best first, those that cannot with their reasons. */
export const placements = auditor
  .input(input)
  .query(({ ctx, input }): Placement[] => placementsOf(ctx.control.world, input))

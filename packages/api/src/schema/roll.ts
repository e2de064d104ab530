import { z } from 'zod'
import { cold } from './host'
import { clusterId, hostId } from './id'

export const rolling = z.object({
  clusterId,
  /** In this order; null: all hosts in service. */
  hostIds: z.array(hostId, 'must be a list of hosts.').max(2_500).nullable().default(null),
  width: z
    .number('must be a number.')
    .int()
    .min(1, 'is too small. Give at least 1.')
    .max(64)
    .nullable()
    .default(null),
  action: z.enum(['reboot', 'pause', 'nothing'], 'must be reboot, pause or nothing.'),
  cold,
})

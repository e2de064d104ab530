import type { Incident } from '@drover/model'
import { z } from 'zod'
import { clusterId, hostId } from '../schema/id'
import { at, pageSize } from '../schema/quantity'
import { auditor } from '../trpc'

const input = z
  .object({
    clusterId: clusterId.optional(),
    hostId: hostId.optional(),
    /** Opened before; to go on from the last one of a page. */
    beforeAt: at.optional(),
    limit: pageSize.default(100),
  })
  .default({ limit: 100 })

/** Incidents, newest first: those of the past too. */
export const list = auditor
  .input(input)
  .query(({ ctx, input }): Promise<Incident[]> => ctx.control.incidents(input))

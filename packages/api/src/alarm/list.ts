import type { Alarm } from '@drover/model'
import { z } from 'zod'
import { clusterId } from '../schema/id'
import { auditor } from '../trpc'

const input = z
  .object({
    clusterId: clusterId.optional(),
    /** Also those that are over, as far back as control remembers. */
    past: z.boolean('must be true or false.').default(false),
  })
  .default({ past: false })

/** Alarms, newest first: those that hold now, unless `past`. */
export const list = auditor.input(input).query(({ ctx, input }): Alarm[] =>
  [...ctx.control.world.tables.alarm.values()]
    .filter((alarm) => !input.clusterId || alarm.clusterId === input.clusterId)
    .filter((alarm) => input.past || alarm.clearedAt === null)
    .sort((a, b) => b.raisedAt - a.raisedAt),
)

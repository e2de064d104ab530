import { type UsageField, type UsageWidth, usageFields, usageWidthMs } from '@drover/model'
import { z } from 'zod'
import { refused } from '../refused'
import { hostId, vmId } from '../schema/id'
import { at } from '../schema/quantity'
import { auditor } from '../trpc'

/** More values than a screen shows, and no more than an answer should hold. */
const mostValues = 500_000

const input = z.object({
  ids: z
    .array(z.union([hostId, vmId], 'must be ids of hosts and VMs.'), 'must be a list of hosts and VMs.')
    .min(1, 'are none. Name a host or a VM.')
    .max(1_000, 'are more than 1,000. Ask for fewer.'),
  /** Left out: the narrowest windows that are kept for so long and not too many. */
  width: z.enum(['raw', '5m', '1h'], 'must be raw, 5m or 1h. Leave it out to have it chosen.').optional(),
  fromAt: at,
  toAt: at,
  fields: z
    .array(z.enum(usageFields, `must be of ${usageFields.join(', ')}.`))
    .min(1, 'are none. Name one.')
    .default(['cpuMean', 'memoryMean']),
})

/** A recorded series as JSON has it: null where nothing was heard. */
export interface RecordedSeries {
  id: string
  width: UsageWidth
  fromAt: number
  length: number
  columns: Partial<Record<UsageField, (number | null)[]>>
}

/** What hosts and VMs used, as it was recorded: CPU in cores, memory in bytes, rates per second, power in watts. */
export const series = auditor.input(input).query(async ({ ctx, input }): Promise<RecordedSeries[]> => {
  const { ids, fromAt, toAt, fields } = input
  const width = input.width ?? widthFor(fromAt, toAt, ctx.now())
  const values = ids.length * fields.length * Math.ceil((toAt - fromAt) / usageWidthMs[width])
  if (toAt <= fromAt)
    throw refused([
      { code: 'invalid', field: 'toAt', problem: 'is not later than fromAt', remedy: 'Give a later time.' },
    ])
  if (values > mostValues) {
    const problem = `${values.toLocaleString('en')} values are more than ${mostValues.toLocaleString('en')}`
    const remedy = 'Ask for wider windows, a shorter time or fewer objects.'
    throw refused([{ code: 'invalid', field: 'width', problem, remedy }])
  }
  const found = await ctx.control.usage({ ids, width, fromAt, toAt, fields })
  return found.map(({ columns, ...rest }) => ({
    ...rest,
    columns: Object.fromEntries(
      Object.entries(columns).map(([field, column]) => [
        field,
        Array.from(column, (value) => (Number.isNaN(value) ? null : value)),
      ]),
    ),
  }))
})

const hour = 3_600_000

/** The narrowest windows that are still kept for a stretch of time, and are a few thousand at most. */
export function widthFor(fromAt: number, toAt: number, now: number): UsageWidth {
  if (toAt - fromAt <= 6 * hour && now - fromAt <= 6 * hour) return 'raw'
  if (toAt - fromAt <= 8 * 24 * hour && now - fromAt <= 30 * 24 * hour) return '5m'
  return '1h'
}

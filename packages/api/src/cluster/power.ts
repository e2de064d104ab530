import { askPower, energyLedger } from '@drover/engine'
import { type ClusterPower, type UsageSeries, type UsageWidth, usageWidthMs } from '@drover/model'
import { z } from 'zod'
import { found } from '../found'
import { clusterId } from '../schema/id'
import { auditor } from '../trpc'

const day = 24 * 3_600_000
const input = z.object({
  clusterId,
  /** How far back the ledger goes. */
  days: z
    .int('must be a whole number of days.')
    .min(1, 'is less than 1. Give 1 or more.')
    .max(730, 'is more than 730. Give fewer.')
    .default(30),
})

/** Who sleeps, since when, why and until when; what keeps the others awake; what hosts drew and what sleep saved. */
export const power = auditor.input(input).query(async ({ ctx, input }): Promise<ClusterPower> => {
  const { world } = ctx.control
  found(world.tables.cluster.get(input.clusterId), 'cluster', input.clusterId)
  const now = ctx.now()
  const asked = askPower(world, input.clusterId, now)
  const page = asked.answer(asked.job && (await ctx.control.plan(asked.job)))
  const ids = page.hosts.map(({ host }) => host.id)
  const recorded = (width: UsageWidth, fromAt: number, toAt: number): Promise<UsageSeries[]> =>
    fromAt >= toAt || ids.length === 0
      ? Promise.resolve([])
      : ctx.control.usage({ ids, width, fromAt, toAt, fields: ['wattsMean', 'savedWattsMean'] })
  const hour = Math.floor(now / usageWidthMs['1h']) * usageWidthMs['1h']
  const five = Math.floor(now / usageWidthMs['5m']) * usageWidthMs['5m']
  const from = Math.floor((now - input.days * day) / day) * day
  // Whole hours, then what has passed of this one.
  const parts = await Promise.all([
    recorded('1h', from, hour),
    recorded('5m', hour, five),
    recorded('raw', five, now),
  ])
  const saves = new Map(
    page.hosts.map(({ host, model }) => [host.id, model.idleWatts - model.asleepWatts] as const),
  )
  return { ...page, ledger: energyLedger(parts.flat(), { fromAt: from, toAt: now }, saves) }
})

import { type PowerSettings, sayPower } from '@drover/model'
import type { ReplicaTables } from '../../replica/replica'

/** How a cluster saves power, with today's names. */
export function sayPowerNow(tables: ReplicaTables, settings: PowerSettings): string {
  return sayPower(settings, (id) => tables.host.get(id)?.name ?? 'a removed host')
}

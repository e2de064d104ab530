import { sayThreshold, type ThresholdInput } from '@drover/model'
import type { ReplicaTables } from '../replica/replica'

/** A threshold as a sentence, with today's names. */
export function sayThresholdNow(tables: ReplicaTables, rule: ThresholdInput): string {
  return sayThreshold(rule, (id) => tables.host.get(id)?.name ?? 'a removed host')
}

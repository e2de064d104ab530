import type {
  DecisionId,
  FenceId,
  IncidentId,
  ObjectId,
  RuleId,
  ShadowId,
  TaskId,
  ThresholdId,
} from '@drover/model'
import { nounOf, paths } from '../paths'
import type { ReplicaTables } from '../replica/replica'

/** Where one looks at something that a sentence names; null when it is gone or has no page. */
export function hrefOf(tables: ReplicaTables, id: ObjectId): string | null {
  const noun = nounOf(id)
  switch (noun) {
    case 'task':
      return paths.task(id as TaskId)
    case 'incident':
      return paths.incident(id as IncidentId)
    case 'rule': {
      const rule = tables.rule.get(id as RuleId)
      return rule ? paths.object(rule.clusterId, 'rules') : null
    }
    case 'fence': {
      const device = tables.fence.get(id as FenceId)
      return device ? paths.object(device.hostId, 'configure') : null
    }
    case 'decision':
      return paths.decision(id as DecisionId)
    case 'threshold':
    case 'shadow': {
      const row =
        noun === 'threshold' ? tables.threshold.get(id as ThresholdId) : tables.shadow.get(id as ShadowId)
      return row ? paths.object(row.clusterId, 'rules') : null
    }
    case 'alarm':
      return null
    default:
      return tables[noun]?.has(id) ? paths.object(id) : null
  }
}

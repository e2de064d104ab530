import type { AlarmId, ClusterId, Ref } from '../id'

export type AlarmCode =
  | 'storm'
  | 'references_lost'
  | 'host_isolated'
  | 'host_unwatched'
  | 'host_unproven'
  | 'host_quarantined'
  | 'host_unclean'
  | 'deleted_vms_run'
  | 'host_not_woken'
  | 'no_fence_device'
  | 'fence_test_failed'
  | 'failover_short'
  | 'vm_not_restarted'
  | 'vm_twice'
  | 'datastore_unreachable'
  | 'rule_broken'
  | 'ha_disarmed'

/** A condition that somebody should know of, from when it began until it ended. */
export interface Alarm {
  id: AlarmId
  clusterId: ClusterId
  about: Ref
  code: AlarmCode
  severity: 'warning' | 'error'
  /** Object, state and remedy. */
  text: string
  raisedAt: number
  clearedAt: number | null
  acknowledgedBy: string | null
}

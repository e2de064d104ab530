import type { Ref } from '../id'

/** Why something may not be done. Always all of the reasons, as data; `sayRefusal` makes the sentence. */
export type Refusal =
  | { code: 'not_found'; noun: string; id: string }
  | { code: 'name_taken'; noun: string; name: string }
  | { code: 'invalid'; field: string; problem: string; remedy: string }
  | { code: 'forbidden'; role: string; needs: string }
  | { code: 'database_away'; sinceAt: number | null }
  | { code: 'not_leading' }
  | { code: 'vm_power'; vm: Ref; is: string; needs: string[] }
  | { code: 'vm_busy'; vm: Ref; task: Ref; doing: string; by: string }
  | { code: 'vm_missing'; vm: Ref; host: Ref }
  | { code: 'host_silent'; host: Ref; sinceAt: number }
  | { code: 'host_maintenance'; host: Ref; reason: string | null }
  | { code: 'host_not_empty'; host: Ref; vms: Ref[] }
  | { code: 'host_busy'; host: Ref; tasks: Ref[]; silent?: boolean }
  | { code: 'already_there'; vm: Ref; host: Ref }
  | { code: 'other_cluster'; vm: Ref; host: Ref }
  | { code: 'memory_short'; vm: Ref; host: Ref; neededBytes: number; freeBytes: number }
  | { code: 'too_many_vcpus'; vm: Ref; host: Ref; vcpus: number; cores: number }
  | { code: 'datastore_absent'; host: Ref; datastore: Ref }
  | { code: 'datastore_away'; host: Ref; datastore: Ref; sinceAt: number }
  | { code: 'datastore_short'; datastore: Ref; neededBytes: number; freeBytes: number }
  | { code: 'no_datastore_for_disks'; vm: Ref; host: Ref; neededBytes: number }
  | { code: 'disk_outside'; vm: Ref; host: Ref; path: string }
  | { code: 'vm_twice'; vm: Ref; hosts: Ref[] }
  | { code: 'vm_bound'; vm: Ref; host: Ref; why: string }
  | { code: 'disks_shared'; vm: Ref; host: Ref }
  | { code: 'network_absent'; host: Ref; network: Ref }
  | { code: 'cpu_model'; vm: Ref; host: Ref; sourceModel: string; targetModel: string; missing: string[] }
  | { code: 'hypervisor_differs'; host: Ref; source: string; target: string }
  | { code: 'task_ended'; task: Ref; state: string }
  | { code: 'not_cancellable'; task: Ref; why: string }
  | { code: 'not_given_up'; task: Ref }
  | { code: 'no_host_fits'; vm: Ref; hosts: { host: Ref; refusals: Refusal[] }[] }
  | { code: 'not_empty'; noun: string; object: Ref; holds: string }
  | { code: 'rule_forbids'; vm: Ref; host: Ref; rule: Ref; sentence: string }
  | { code: 'rule_conflict'; rules: Ref[]; sentence: string; remedy: string }
  | { code: 'failover_short'; cluster: Ref; failures: number; lost: Ref[]; vms: Ref[]; sentence: string }
  | { code: 'host_fenced'; host: Ref }
  /** It is to count as off, and its agent speaks. */
  | { code: 'host_heard'; host: Ref }
  | { code: 'host_asleep'; host: Ref; why: string | null }
  | { code: 'host_not_proven'; host: Ref; state: string }
  | { code: 'host_state'; host: Ref; is: string; needs: string[] }
  | { code: 'host_quarantined'; host: Ref; until: number }
  | { code: 'host_unclean'; host: Ref; vms: Ref[] }
  /** It runs VMs that were deleted while it could not be heard. */
  | { code: 'deleted_vms_run'; host: Ref; vms: Ref[] }
  | { code: 'host_task'; host: Ref; task: Ref; by: string }
  | { code: 'no_fence_device'; host: Ref }
  | { code: 'fence_failed'; device: Ref; host: Ref; message: string }
  /** An attempt to make sure of its host may be using it. */
  | { code: 'fence_in_use'; device: Ref; host: Ref }
  | { code: 'storm'; cluster: Ref; silent: Ref[]; of: number }
  | { code: 'ha_disarmed'; cluster: Ref; mode: string; by: string | null }
  /** A start failed and is tried again, not before `retryAt`. */
  | { code: 'start_failed'; vm: Ref; host: Ref; cause: string; retryAt: number }
  /** Its guests were shut down with it, and wait for it. */
  | { code: 'host_held'; vm: Ref; host: Ref }
  | { code: 'start_limit'; vm: Ref; times: number; last: string }
  | { code: 'tier_waits'; vm: Ref; tier: number; vms: Ref[] }
  | { code: 'starts_at_once'; host: Ref; limit: number }
  /** `what` was changed by somebody since it was looked at: it `is` of another version than was `seen`. */
  | { code: 'changed_since'; what: string; is: number; seen: number }
  /** Nothing is wrong with what is asked, but with the moment; `problem` is a sentence without its full stop. */
  | { code: 'not_now'; problem: string; remedy: string }
  | { code: 'plan_changed'; host: Ref; what: string[] }
  | { code: 'blockers'; host: Ref; vms: { vm: Ref; refusals: Refusal[] }[] }
  | { code: 'confirm_name'; noun: string; name: string }

export type RefusalCode = Refusal['code']

/** May it be done? If not: every reason. */
export type Verdict = { ok: true } | { ok: false; refusals: Refusal[] }

/** The verdict of a list of reasons against. */
export function verdict(refusals: Refusal[]): Verdict {
  return refusals.length === 0 ? { ok: true } : { ok: false, refusals }
}

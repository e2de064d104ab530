import type { Ref } from '../id'
import type { MigrationMethod } from '../vm/spec'

/** What a task waits for, as data; the sentence is made at the edge by `sayWaiting`. */
export type Waiting =
  | { code: 'host_slot'; host: Ref; limit: number; ahead: string[] }
  | { code: 'network_slot'; network: Ref; limit: number; ahead: string[] }
  | { code: 'datastore_slot'; datastore: Ref; limit: number; ahead: string[] }
  | { code: 'host_answer'; host: Ref }
  | { code: 'guest_shutdown'; vm: Ref; deadlineAt: number }
  | { code: 'fence_device'; host: Ref; device: Ref; tries: number }
  /** No device proves it: the self-fence deadline, or a person. */
  | { code: 'proof'; host: Ref; selfFenceAt: number | null; why: string }
  /** `unsure`: what a device said that was to switch it on and does not say that it is. */
  | { code: 'agent_back'; host: Ref; unsure?: string }
  /** It is off to save power, and is being woken. */
  | { code: 'host_wakes'; host: Ref }
  /** Parts of it that are still under way, and what they are about. */
  | { code: 'parts'; left: number; of: number; names: string[] }
  | { code: 'capacity'; vm: Ref; why: string }
  /** Nothing more happens until somebody acts. */
  | { code: 'attention'; what: string; remedy: string }

/** How a task ended, as data; the sentence is made at the edge by `sayOutcome`. */
export type Outcome =
  | { code: 'created'; vm: Ref; host: Ref }
  | { code: 'changed'; vm: Ref }
  | { code: 'deleted'; vm: Ref; disks: number }
  | { code: 'power_is'; vm: Ref; power: 'running' | 'off' | 'paused'; host: Ref }
  | { code: 'rebooted'; vm: Ref; host: Ref }
  | {
      code: 'migrated'
      vm: Ref
      source: Ref
      target: Ref
      method: MigrationMethod
      totalMs: number
      downtimeMs: number | null
      bytes: number | null
    }
  | { code: 'still_at_source'; vm: Ref; source: Ref; cause: string }
  | { code: 'shutdown_ignored'; vm: Ref; waitedMs: number }
  | { code: 'cancelled'; vm: Ref; where: Ref | null }
  | { code: 'too_late_to_cancel'; vm: Ref; target: Ref }
  | { code: 'command_failed'; what: string; vm: Ref; host: Ref; cause: string; remedy: string | null }
  /** Somebody no longer waits for a silent host; what it made of its order is not known. */
  | { code: 'given_up'; vm: Ref; host: Ref; by: string; silentMs: number }
  | { code: 'gone'; vm: Ref }
  | { code: 'restarted'; vm: Ref; source: Ref; target: Ref; totalMs: number }
  | { code: 'cleaned'; host: Ref; vms: number }
  | { code: 'fenced'; host: Ref; how: string; totalMs: number }
  | { code: 'not_fenced'; host: Ref; cause: string }
  | { code: 'powered_on'; host: Ref; totalMs: number }
  /** It was switched on, more than once, and its agent has not reported. */
  | { code: 'not_woken'; host: Ref; cause: string }
  | {
      code: 'host_ready'
      host: Ref
      mode: 'maintenance' | 'normal' | 'off' | 'rebooted' | 'empty' | 'asleep' | 'proven'
      moved: number
      totalMs: number
    }
  | { code: 'host_stopped_short'; host: Ref; cause: string; remedy: string; moved: number }
  | { code: 'rolled'; cluster: Ref; hosts: number; totalMs: number }
  | { code: 'roll_stopped'; cluster: Ref; at: Ref; cause: string; done: number; of: number }
  | { code: 'refused'; sentence: string }

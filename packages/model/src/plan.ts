import type { HostId, Ref, VmId } from './id'
import type { Verdict } from './refusal/refusal'
import type { StepName, TaskKind } from './task/task'
import type { MigrationMethod } from './vm/spec'

/** What a host would say to a VM: for each way of getting there, yes or every reason against. */
export interface TargetOption {
  host: Ref<HostId>
  methods: { method: MigrationMethod; verdict: Verdict; expectedMs: number | null }[]
  /** The best method that may be used; null when none. */
  best: MigrationMethod | null
  /** Load now, 0 to 1; null when its agent has not said. */
  cpu: number | null
  memoryBytes: number
  /** After what running VMs and accepted tasks have claimed. */
  memoryFreeBytes: number
}

/** Every host of the cluster as a target, best first. */
export interface MigrationTargets {
  vm: Ref<VmId>
  source: Ref<HostId>
  targets: TargetOption[]
}

/** What a task would do, before it does it. Shown by the dialogs and by `--dry-run`. */
export interface TaskPlan {
  what: TaskKind
  vm: Ref<VmId> | null
  verdict: Verdict
  steps: { name: StepName; host: Ref<HostId> | null }[]
  target: Ref<HostId> | null
  method: MigrationMethod | null
  expectedMs: number | null
}

/** A host as a place for a new VM. */
export interface Placement {
  host: Ref<HostId>
  verdict: Verdict
  cpu: number | null
  memoryBytes: number
  memoryFreeBytes: number
}

import type { ClusterId, DatastoreId, HostId, Ref, RuleId, VmId } from './id'
import type { Evidence } from './incident/incident'
import type { Refusal, Verdict } from './refusal/refusal'
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
  /** What speaks against it and does not forbid it. */
  warning?: string | null
}

/** A host as a place for a new VM. */
export interface Placement {
  host: Ref<HostId>
  verdict: Verdict
  cpu: number | null
  memoryBytes: number
  memoryFreeBytes: number
}

/** What becomes of one VM when its host is emptied. */
export interface EvacuationMove {
  vm: Ref<VmId>
  /** `leave`: it is off and stays defined there. `stop`: shut down, and started again when the host is back. */
  method: MigrationMethod | 'stop' | 'leave'
  target: Ref<HostId> | null
  expectedMs: number | null
  bytes: number
  /** Why it goes there, or what is not ideal about it. */
  note: string | null
  /** Every reason why it can go nowhere; empty when it can. */
  blockers: Refusal[]
}

/** How a host would be emptied. `fingerprint` names the state of the world that it was made for. */
export interface EvacuationPlan {
  host: Ref<HostId>
  moves: EvacuationMove[]
  /** Reasons against it as a whole. */
  refusals: Refusal[]
  complete: boolean
  expectedMs: number | null
  /** Sum of what has to be carried over the network. */
  bytes: number
  fingerprint: string
}

/** What is done with the guests of a host that is shut down or rebooted. */
export type GuestPolicy = 'evacuate' | 'failover' | 'restartInPlace' | 'hold'

/** Maintenance of a cluster, host by host. */
export interface RollingPlan {
  clusterId: ClusterId
  /** In this order. */
  hosts: Ref<HostId>[]
  /** How many at once. */
  width: number
  /** What is done with each while it is empty; `pause` waits until somebody says that it is done. */
  action: 'reboot' | 'pause' | 'nothing'
  /** VMs that run and cannot go live are shut down, moved and started again. */
  cold?: boolean
  /** What each host would go through, in the order of `hosts`. */
  evacuations?: { host: Ref<HostId>; vms: number; expectedMs: number | null; bytes: number }[]
  refusals: Refusal[]
}

/** Where a VM would run after a failure, and when; or why not. */
export interface WhatIfVm {
  vm: Ref<VmId>
  from: Ref<HostId>
  tier: number
  target: Ref<HostId> | null
  /** From the failure until it runs; null when it does not. */
  afterMs: number | null
  why: Refusal[]
  /** Why it is not restarted on purpose (off, not protected, left on). */
  note: string | null
}

export interface WhatIf {
  lost: { hosts: Ref<HostId>[]; datastores: Ref<DatastoreId>[] }
  vms: WhatIfVm[]
  /** How it would go on: detected, fenced by which device, proven. */
  stages: { name: string; afterMs: number; text: string }[]
  restarted: number
  notRestarted: number
  allRunningMs: number | null
  /** Load of each host that is left, before and after, 0 to 1 of memory. */
  hosts: { host: Ref<HostId>; memoryBefore: number; memoryAfter: number }[]
  warnings: string[]
}

/** What failures a cluster survives now. */
export interface FailoverCapacity {
  /** The policy's failures are survivable. */
  ok: boolean
  /** The most hosts that may die, whichever they are; found by trying (singles, pairs, …). */
  tolerates: number
  /** Those that take VMs now. */
  hosts: number
  /** The worst failure of the policy's size and what would stay down after it. */
  worst: { lost: Ref<HostId>[]; vms: Ref<VmId>[] } | null
  /** Protected VMs that no other host could run, however much room it has: their disks or networks are their host's own. */
  bound: Ref<VmId>[]
  memory: { totalBytes: number; usedBytes: number; keptFreeBytes: number }
  /** In one sentence. */
  text: string
}

/** How ready a cluster is to fence: 0 to 100, with everything that is missing. */
export interface Readiness {
  score: number
  hosts: { host: Ref<HostId>; score: number; missing: string[] }[]
}

/** What is known of a host that cannot be heard. */
export interface HostEvidence {
  host: Ref<HostId>
  evidence: Evidence[]
  finding: string
}

/** A rule that does not hold now, and how it will be mended. */
export interface RuleViolation {
  rule: Ref<RuleId>
  vms: Ref<VmId>[]
  text: string
}

import type { Recovery } from '../ha/recovery'
import type {
  ClusterId,
  DatastoreId,
  DecisionId,
  HostId,
  IncidentId,
  NetworkId,
  Ref,
  TaskId,
  VmId,
} from '../id'
import type { EvacuationPlan, GuestPolicy, RollingPlan } from '../plan'
import type { StateTable } from '../state'
import type { CreateVmInput, MigrationMethod, MigrationOptions, VmChanges } from '../vm/spec'
import type { Outcome, Waiting } from './words'

export type TaskState = 'queued' | 'running' | 'cancelling' | 'succeeded' | 'failed' | 'cancelled'

export const taskStates: StateTable<TaskState> = {
  queued: { meaning: 'accepted; waits for its turn', exits: ['running', 'cancelled', 'failed'] },
  running: { meaning: 'under way', exits: ['cancelling', 'succeeded', 'failed', 'cancelled'] },
  cancelling: { meaning: 'asked to stop; not yet stopped', exits: ['succeeded', 'failed', 'cancelled'] },
  succeeded: { meaning: 'done', exits: [] },
  failed: { meaning: 'not done, and says why', exits: [] },
  cancelled: { meaning: 'stopped because somebody asked', exits: [] },
}

/** The kinds of durable work, each with what it was asked to do. */
export interface TaskParams {
  'vm.create': { input: CreateVmInput; uuid: string; mac: string }
  'vm.change': { changes: VmChanges }
  'vm.delete': Record<string, never>
  /** `targetId`: where it is started because its home sleeps; absent: at home. */
  'vm.start': { targetId?: HostId }
  'vm.shutdown': { deadlineMs: number }
  'vm.stop': Record<string, never>
  'vm.reboot': { deadlineMs: number }
  'vm.reset': Record<string, never>
  'vm.suspend': Record<string, never>
  'vm.resume': Record<string, never>
  'vm.migrate': {
    sourceId: HostId
    targetId: HostId
    method: MigrationMethod
    /** Where each disk goes, by position; the same datastore when it stays. */
    datastoreIds: DatastoreId[]
    options: MigrationOptions
  }
  /** Starts a VM that should run: where it was lost with its host, or again where it crashed. */
  'vm.restart': {
    sourceId: HostId
    targetId: HostId
    cause: Recovery['cause']
    incidentId: IncidentId | null
  }
  /** Makes sure that a host can run nothing. */
  'host.fence': { incidentId: IncidentId | null; byHand: boolean }
  /**
   * Removes definitions of VMs that live elsewhere now from a host that is back. `stop`: it even runs there again, beside
   * the one at its home.
   */
  'host.clean': { vms: { vm: Ref<VmId>; stop: boolean }[] }
  /** Switches a host on through its fence device and waits for its agent. */
  'host.powerOn': Record<string, never>
  /** Empties a host as approved, then does what was asked. */
  'host.evacuate': {
    plan: EvacuationPlan
    then: 'maintenance' | 'nothing'
    /** Moves what can be moved and waits for the rest to become possible, instead of asking for all or nothing. */
    partial: boolean
    cold: boolean
  }
  /** Back in service; with `home`, what was evacuated comes back. */
  'host.exitMaintenance': { home: boolean; plan: EvacuationPlan | null }
  /** Shuts a host down or reboots it, doing with its guests as the policy says. */
  'host.shutdown': {
    reboot: boolean
    guests: GuestPolicy
    plan: EvacuationPlan | null
    cold: boolean
    partial: boolean
  }
  /**
   * Empties a host live, shuts it down and proves by its fence device that it is off; then it sleeps. `test`: only to show
   * that it can be woken, which is done at once.
   */
  'host.sleep': {
    plan: EvacuationPlan
    why: string
    decisionId: DecisionId | null
    /** When it is expected to be needed again; null: not known. */
    until: number | null
    byHand: boolean
    /** Also when what is left would not survive the failures that it should. */
    evenIfNeeded: boolean
    test: boolean
  }
  /** Switches a sleeping host on through its fence device and waits for its agent. */
  'host.wake': { why: string; decisionId: DecisionId | null }
  /** Maintenance of a cluster, host by host. */
  'cluster.roll': { plan: RollingPlan }
}

export type TaskKind = keyof TaskParams

export type Initiator =
  | { kind: 'user'; id: string; name: string }
  /** Drover itself: a rule, a recovery, a reconciliation. */
  | { kind: 'drover' }
  /** Somebody at the hypervisor, past Drover. */
  | { kind: 'outside' }

/** Bytes, seconds and percent of the work under way. Kept in memory; the last one is stored when its step ends. */
export interface Progress {
  /** 0 to 1; never goes back within a step. */
  fraction: number
  doneBytes: number | null
  totalBytes: number | null
  bytesPerSecond: number | null
  remainingMs: number | null
  /** Standstill of the guest at the switch-over, once known. */
  downtimeMs: number | null
}

export type StepState = 'pending' | 'running' | 'done' | 'failed' | 'skipped'

/** One stage of a task, in the operator's words, with its times. */
export interface Step {
  name: StepName
  state: StepState
  startedAt: number | null
  endedAt: number | null
  hostId: HostId | null
  progress: Progress | null
}

export type StepName =
  | 'choose a host'
  | 'soft fence'
  | 'power off'
  | 'prove that it is off'
  | 'power on'
  | 'wait for its agent'
  | 'evacuate'
  | 'enter maintenance'
  | 'go to sleep'
  | 'wake up'
  | 'leave maintenance'
  | 'bring its VMs home'
  | 'shut the guests down'
  | 'shut the host down'
  | 'start the guests'
  | 'next host'
  | 'wait for a slot'
  | 'check the target'
  | 'copy the image'
  | 'prepare the disks'
  | 'define'
  | 'change'
  | 'start'
  | 'shut down'
  | 'stop'
  | 'reboot'
  | 'reset'
  | 'suspend'
  | 'resume'
  | 'migrate'
  | 'copy the disks'
  | 'move the definition'
  | 'remove the definition'
  | 'delete the disks'
  | 'confirm where it runs'
  | 'clean up'

/**
 * The order to an agent that a task waits for. Its id makes it run once however often it is sent. `sent` is not
 * remembered: whether an agent has it is asked, never assumed.
 */
export interface PendingCommand {
  /** `task-17/3`: task and number of the command within it. */
  id: string
  /** `control`: run by control itself (fence devices). */
  hostId: HostId | 'control'
  /** Of protocol's `CommandBody`, or a `FenceOrder` for control; opaque here. */
  body: { kind: string }
  cancelled: boolean
}

export type CommandError =
  | 'not_found'
  | 'already_exists'
  | 'busy'
  | 'invalid_state'
  | 'no_memory'
  | 'no_space'
  | 'disk_locked'
  | 'aborted'
  | 'deadline'
  | 'unreachable'
  /** The agent restarted in the middle and cannot say how it ended: ask what is true. */
  | 'interrupted'
  | 'unsupported'
  | 'failed'

export type CommandResult = { ok: true; data?: unknown } | { ok: false; error: CommandError; message: string }

export interface Task<K extends TaskKind = TaskKind> {
  id: TaskId
  kind: K
  params: TaskParams[K]
  vmId: VmId | null
  vmName: string
  /** The host that it is about, for tasks about a host. */
  host: Ref<HostId> | null
  /** The task that began it as a part of itself. */
  parentId: TaskId | null
  clusterId: ClusterId
  /** What it occupies while it runs; for the limits and for "what is going on at this host". */
  hostIds: HostId[]
  networkIds: NetworkId[]
  datastoreIds: DatastoreId[]
  state: TaskState
  initiator: Initiator
  reason: string | null
  steps: Step[]
  /** How many commands it has given; the next one's number. */
  commands: number
  command: PendingCommand | null
  /** The result of `command`, until the next step has read it. */
  result: CommandResult | null
  /** What later steps need to remember of earlier ones: small, JSON. */
  memo: Record<string, unknown>
  waiting: Waiting | null
  outcome: Outcome | null
  createdAt: number
  startedAt: number | null
  endedAt: number | null
  /** For `wait` until a time. */
  wakeAt: number | null
}

/** Still to end: queued, running or cancelling. */
export function isOpen(task: Pick<Task, 'state'>): boolean {
  return taskStates[task.state].exits.length > 0
}

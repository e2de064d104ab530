import type { DeathProof } from '../host/host'
import type { ClusterId, DatastoreId, HostId, IncidentId, Ref, TaskId, VmId } from '../id'

/** What one side says of a silent host. */
export interface Evidence {
  side: 'agent' | 'storage' | 'power' | 'peers'
  says: 'alive' | 'dead' | 'unknown'
  /** In words: "esx-01 and esx-02 read its heartbeat on nvme-1; it has stood still for 9 s". */
  text: string
  at: number
}

/** What the four sides together mean (design: one table, in the engine). */
export type Finding = 'alive' | 'unwatched' | 'isolated' | 'hung' | 'off' | 'unproven'

export type IncidentMark =
  | 'last heard'
  | 'suspect'
  /** Its hypervisor answered others long after its agent had fallen silent: nobody there would stop its VMs. */
  | 'agent down'
  /** A fence device said by itself that it is off: evidence, and proof once nothing speaks against it. */
  | 'said off'
  | 'decided'
  | 'fence started'
  /** Its proof was accepted: from here on its VMs may be started elsewhere. */
  | 'proven off'
  | 'first VM running'
  | 'all VMs running'
  | 'back'
  | 'closed'

/** One VM in an incident. */
export interface IncidentVm {
  vm: Ref<VmId>
  tier: number
  state: 'waiting' | 'starting' | 'running' | 'error' | 'left' | 'stopped'
  taskId: TaskId | null
  /** Where it runs now. */
  host: Ref<HostId> | null
  lostAt: number
  askedAt: number | null
  runningAt: number | null
  /** Why not, or why there. */
  why: string | null
}

/** A failure and what came of it: the story that writes itself. */
export interface Incident {
  id: IncidentId
  clusterId: ClusterId
  kind: 'host' | 'vm' | 'storm' | 'datastore'
  host: Ref<HostId> | null
  datastore: Ref<DatastoreId> | null
  /** "esx-03 lost power". */
  title: string
  state: 'open' | 'closed'
  openedAt: number
  closedAt: number | null
  finding: Finding | null
  evidence: Evidence[]
  /** The decision and its reason, in words. */
  decision: string | null
  proof: DeathProof | null
  /** In the order in which they were made, each with its moment. */
  marks: { mark: IncidentMark; at: number; text: string }[]
  vms: IncidentVm[]
}

/** What the defaults promise, in ms, beside what was measured. */
export const objectives = { decidedMs: 10_000, firstStartAfterProofMs: 1_000, allRunningMs: 20_000 } as const

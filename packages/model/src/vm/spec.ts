import type { DatastoreId, HostId, NetworkId } from '../id'

/** What an operator asks for when creating a VM. */
export interface CreateVmInput {
  clusterId: `cluster-${number}`
  name: string
  vcpus: number
  memoryBytes: number
  /** The image that its first disk is copied from. */
  image: { datastoreId: DatastoreId; path: string }
  /** Where the disk goes; the image's own datastore when null. */
  datastoreId: DatastoreId | null
  /** Grow the disk to this size; the image's own size when null. */
  diskBytes: number | null
  networkId: NetworkId | null
  /** Null: where it fits best. */
  hostId: HostId | null
  notes: string
  tags: string[]
  powerOn: boolean
}

/** What may be changed of a VM. vCPUs and memory need it to be off; name, notes and tags do not. */
export interface VmChanges {
  name?: string
  vcpus?: number
  memoryBytes?: number
  notes?: string
  tags?: string[]
}

export type MigrationMethod = 'live' | 'live-with-disks' | 'cold'

/** How a migration may behave. Null means: no limit, or the hypervisor's own default. */
export interface MigrationOptions {
  bandwidthBytesPerSecond: number | null
  /** The longest standstill allowed at the switch-over. */
  downtimeMs: number | null
  /** Slow the guest down when it writes memory faster than the line carries it. */
  autoConverge: boolean
  /** When pre-copy does not converge: start it on the target and fetch the rest. No way back from there. */
  postCopy: boolean
  /** Cancelled when it has not finished by then. */
  deadlineMs: number | null
}

export const defaultMigrationOptions: MigrationOptions = {
  bandwidthBytesPerSecond: null,
  downtimeMs: null,
  autoConverge: true,
  postCopy: false,
  deadlineMs: null,
}

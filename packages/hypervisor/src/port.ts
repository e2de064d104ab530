import type { CommandError, HostFacts, HostUsage, VmUsage } from '@drover/model'
import type {
  DatastoreReport,
  Definition,
  DiskCopied,
  DiskInfo,
  DiskReceiver,
  Domain,
  MigrationReport,
  VmSpec,
} from '@drover/protocol'

/** Bytes and fraction of a long operation; `fraction` never goes back. */
export interface OperationProgress {
  fraction: number
  doneBytes: number | null
  totalBytes: number | null
  bytesPerSecond: number | null
  remainingMs: number | null
}

/** For operations that take long: where they have got to, and a way to stop them (they then reject with `aborted`). */
export interface OperationControl {
  onProgress?: (progress: OperationProgress) => void
  signal?: AbortSignal
}

/** What every adapter throws. `message` is a sentence that an operator can act on. */
export class HypervisorError extends Error {
  constructor(
    readonly code: CommandError,
    message: string,
  ) {
    super(message)
    this.name = 'HypervisorError'
  }
}

export interface MigrateRequest {
  uuid: string
  targetAddress: string
  disks: { sourcePath: string; targetPath: string }[]
  bandwidthBytesPerSecond: number | null
  downtimeMs: number | null
  autoConverge: boolean
  postCopy: boolean
  deadlineMs: number | null
}

/** What the hypervisor knows of its host; the agent adds what it is itself. */
export type HypervisorFacts = Omit<HostFacts, 'agentVersion' | 'bootId' | 'selfFence'>

/**
 * One host's hypervisor. Both adapters pass the same contract suite (`src/contract`). All calls have deadlines of
 * their own; all paths are absolute on the host; "already so" is success where the command's text says so.
 */
export interface Hypervisor {
  facts(): Promise<HypervisorFacts>
  usage(): Promise<{ host: HostUsage; vms: Map<string, VmUsage> }>
  networks(): Promise<string[]>
  /** The datastores that this host has mounted, with their images and free space. */
  datastores(): Promise<DatastoreReport[]>
  domains(): Promise<Domain[]>
  /** `sure`: waits while it cannot be told what goes on with it; without, its job is `other` then. */
  domain(uuid: string, sure?: boolean): Promise<Domain | null>
  definition(uuid: string): Promise<Definition | null>
  /** Called with the uuid of a VM whose state, job or definition changed (or that vanished). Returns the way to stop. */
  onChange(listener: (uuid: string) => void): () => void

  define(
    uuid: string,
    from: { spec: VmSpec } | { definition: Definition; diskPaths: string[] | null },
  ): Promise<Definition>
  change(
    uuid: string,
    changes: { name: string | null; vcpus: number | null; memoryBytes: number | null },
  ): Promise<Definition>
  undefine(uuid: string): Promise<void>

  start(uuid: string): Promise<void>
  /** Asks the guest and returns; the caller waits for the state. */
  requestShutdown(uuid: string): Promise<void>
  stop(uuid: string): Promise<void>
  /** Asks the guest and resolves when it has rebooted; rejects with `deadline` when it has not by then. */
  reboot(uuid: string, deadlineMs: number): Promise<void>
  reset(uuid: string): Promise<void>
  suspend(uuid: string): Promise<void>
  resume(uuid: string): Promise<void>

  /** Resolves when the VM runs on the target and the source has let go of it. */
  migrate(request: MigrateRequest, control: OperationControl): Promise<MigrationReport>
  /** Waits for a migration that an earlier life of the agent began; null when there is none on this VM. */
  rejoinMigration(uuid: string, control: OperationControl): Promise<MigrationReport | null>

  cloneDisk(
    sourcePath: string,
    targetPath: string,
    format: 'qcow2' | 'raw',
    sizeBytes: number | null,
    control: OperationControl,
  ): Promise<DiskCopied>
  createDisk(targetPath: string, format: 'qcow2' | 'raw', sizeBytes: number): Promise<void>
  deleteDisks(paths: string[]): Promise<void>
  diskInfo(path: string): Promise<DiskInfo>
  receiveDisk(targetPath: string, sizeBytes: number, key: string): Promise<DiskReceiver>
  sendDisk(
    sourcePath: string,
    to: { address: string; port: number; key: string },
    control: OperationControl,
  ): Promise<DiskCopied>
  commitDisk(targetPath: string, sha256: string): Promise<void>

  close(): Promise<void>
}

import { z } from 'zod'
import { definitionSchema, domainSchema, uuidSchema } from './domain'

const path = z.string().min(1).max(4096)
const bytes = z.number().int().nonnegative()

/** A new VM as control describes it; the hypervisor writes its own definition from it. */
export const vmSpecSchema = z.object({
  uuid: uuidSchema,
  name: z.string().min(1).max(100),
  vcpus: z.number().int().positive(),
  memoryBytes: bytes,
  disks: z.array(z.object({ path, format: z.enum(['qcow2', 'raw']) })),
  nics: z.array(z.object({ network: z.string().max(255), mac: z.string().max(32) })),
  /** What binds it to its host while it runs; only simulated hypervisors make such VMs from a spec. */
  bound: z.string().max(200).optional(),
})
export type VmSpec = z.infer<typeof vmSpecSchema>

/** Every order that an agent understands. A command leaves nothing to choose. Paths are absolute on its host. */
export const commandBodySchema = z.discriminatedUnion('kind', [
  /** What is true of this VM on this host? Data: `Inspection`. Never changes anything. */
  z.object({ kind: z.literal('vm.inspect'), uuid: uuidSchema }),
  /** Defines from a spec or from a kept definition. Defining the same again is no error. Data: `Definition`. */
  z.object({
    kind: z.literal('vm.define'),
    uuid: uuidSchema,
    from: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('spec'), spec: vmSpecSchema }),
      z.object({
        kind: z.literal('definition'),
        definition: definitionSchema,
        /** Where disks are on this host, by position; null leaves them as defined. */
        diskPaths: z.array(path).nullable(),
      }),
    ]),
  }),
  /** Changes name, vCPUs or memory of a VM that is off (name: also while running where the hypervisor can). Data: `Definition`. */
  z.object({
    kind: z.literal('vm.change'),
    uuid: uuidSchema,
    name: z.string().min(1).max(100).nullable(),
    vcpus: z.number().int().positive().nullable(),
    memoryBytes: bytes.nullable(),
  }),
  /** Removes the definition of a VM that is off. Already gone is success. */
  z.object({ kind: z.literal('vm.undefine'), uuid: uuidSchema }),
  /** Already running is success. */
  z.object({ kind: z.literal('vm.start'), uuid: uuidSchema }),
  /** Asks the guest, and waits for it to be off until the deadline; then fails with `deadline` and leaves it running. */
  z.object({ kind: z.literal('vm.shutdown'), uuid: uuidSchema, deadlineMs: z.number().int().positive() }),
  /** Pulls the plug. Already off is success. */
  z.object({ kind: z.literal('vm.stop'), uuid: uuidSchema }),
  /** Asks the guest to reboot and waits until it has, at most until the deadline. */
  z.object({ kind: z.literal('vm.reboot'), uuid: uuidSchema, deadlineMs: z.number().int().positive() }),
  z.object({ kind: z.literal('vm.reset'), uuid: uuidSchema }),
  /** Shuts the host itself down, or reboots it; answered before it goes. */
  z.object({ kind: z.literal('host.shutdown'), reboot: z.boolean() }),
  z.object({ kind: z.literal('vm.suspend'), uuid: uuidSchema }),
  z.object({ kind: z.literal('vm.resume'), uuid: uuidSchema }),
  /** Moves a running VM; given to the source. Reports progress; can be cancelled. Data: `MigrationReport`. */
  z.object({
    kind: z.literal('vm.migrate'),
    uuid: uuidSchema,
    /** Address of the target host, as the source reaches it. */
    targetAddress: z.string().min(1).max(255),
    /** Empty: storage is shared. Else every disk and where it goes on the target. */
    disks: z.array(z.object({ sourcePath: path, targetPath: path })),
    bandwidthBytesPerSecond: bytes.nullable(),
    downtimeMs: z.number().int().positive().nullable(),
    autoConverge: z.boolean(),
    postCopy: z.boolean(),
    deadlineMs: z.number().int().positive().nullable(),
  }),
  /** Copies an image into a new disk; written beside it first and renamed when whole. Progress; cancellable. Data: `DiskCopied`. */
  z.object({
    kind: z.literal('disk.clone'),
    sourcePath: path,
    targetPath: path,
    format: z.enum(['qcow2', 'raw']),
    sizeBytes: bytes.nullable(),
  }),
  /**
   * Opens a port for one disk from another host, and returns at once. Data: `DiskReceiver`. The bytes go to
   * `targetPath + '.part'` and become `targetPath` only by `disk.commit`. Asked again, it opens anew.
   */
  z.object({
    kind: z.literal('disk.receive'),
    targetPath: path,
    sizeBytes: bytes,
    key: z.string().length(64),
  }),
  /** Sends one disk to a receiver. Progress; cancellable. Data: `DiskCopied`, checksums compared end to end. */
  z.object({
    kind: z.literal('disk.send'),
    sourcePath: path,
    targetAddress: z.string().min(1).max(255),
    targetPort: z.number().int().min(1).max(65535),
    key: z.string().length(64),
  }),
  /** Makes a received disk whole: checks its sha256, renames it. Already renamed is success. */
  z.object({ kind: z.literal('disk.commit'), targetPath: path, sha256: z.string().length(64) }),
  /** An empty disk for a live migration with disks. Already there with that size is success. */
  z.object({
    kind: z.literal('disk.create'),
    targetPath: path,
    format: z.enum(['qcow2', 'raw']),
    sizeBytes: bytes,
  }),
  /** Deletes disks (and what is left of half-made ones). Already gone is success; a disk in use by a running VM is refused. */
  z.object({ kind: z.literal('disk.delete'), paths: z.array(path).max(64) }),
  /** Size of a disk or image. Data: `DiskInfo`. */
  z.object({ kind: z.literal('disk.info'), path }),
])
export type CommandBody = z.infer<typeof commandBodySchema>
export type CommandKind = CommandBody['kind']

export const inspectionSchema = z.object({
  domain: domainSchema.nullable(),
  definition: definitionSchema.nullable(),
})
export const migrationReportSchema = z.object({
  totalMs: z.number().nonnegative(),
  downtimeMs: z.number().nonnegative().nullable(),
  bytes: bytes.nullable(),
})
export const diskCopiedSchema = z.object({ bytes, sha256: z.string().length(64) })
export const diskReceiverSchema = z.object({ port: z.number().int().min(1).max(65535) })
/** `sizeBytes` as the guest sees it, `fileBytes` as a copy has to carry. */
export const diskInfoSchema = z.object({
  sizeBytes: bytes,
  fileBytes: bytes,
  format: z.enum(['qcow2', 'raw']),
})

export type Inspection = z.infer<typeof inspectionSchema>
export type MigrationReport = z.infer<typeof migrationReportSchema>
export type DiskCopied = z.infer<typeof diskCopiedSchema>
export type DiskReceiver = z.infer<typeof diskReceiverSchema>
export type DiskInfo = z.infer<typeof diskInfoSchema>

/** What a successful command of each kind answers with; `null` schema: nothing. */
export const resultSchemas = {
  'vm.inspect': inspectionSchema,
  'vm.define': definitionSchema,
  'vm.change': definitionSchema,
  'vm.migrate': migrationReportSchema,
  'disk.clone': diskCopiedSchema,
  'disk.receive': diskReceiverSchema,
  'disk.send': diskCopiedSchema,
  'disk.info': diskInfoSchema,
} as const
export type ResultOf<K extends CommandKind> = K extends keyof typeof resultSchemas
  ? z.infer<(typeof resultSchemas)[K]>
  : null

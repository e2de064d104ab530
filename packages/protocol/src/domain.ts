import { z } from 'zod'

const bytes = z.number().int().nonnegative()
const rate = z.number().nonnegative()
const share = z.number().min(0).max(1)
export const uuidSchema = z.uuid()

export const hostUsageSchema = z.object({
  cpu: z.number().min(0).max(1),
  memoryUsedBytes: bytes,
  diskReadBytesPerSecond: rate,
  diskWriteBytesPerSecond: rate,
  networkInBytesPerSecond: rate,
  networkOutBytesPerSecond: rate,
  /** Waited for; see `HostUsage` and `VmUsage`. Agents of before do not say. */
  pressure: share.optional(),
})

export const vmUsageSchema = z.object({
  cpu: rate,
  memoryUsedBytes: bytes,
  diskReadBytesPerSecond: rate,
  diskWriteBytesPerSecond: rate,
  networkInBytesPerSecond: rate,
  networkOutBytesPerSecond: rate,
  pressure: share.optional(),
})

/** `incoming`: the target side of a migration that has not switched over; it does not run and is no second copy. */
export const domainStateSchema = z.enum(['off', 'running', 'paused', 'crashed', 'incoming'])
export type DomainState = z.infer<typeof domainStateSchema>

/** One VM as a hypervisor sees it. */
export const domainSchema = z.object({
  uuid: uuidSchema,
  name: z.string().min(1).max(255),
  state: domainStateSchema,
  reason: z.string().max(200).nullable(),
  vcpus: z.number().int().positive(),
  memoryBytes: bytes,
  /** Absolute paths on that host. */
  disks: z.array(
    z.object({ path: z.string().max(4096), format: z.enum(['qcow2', 'raw']), sizeBytes: bytes }),
  ),
  nics: z.array(z.object({ network: z.string().max(255), mac: z.string().max(32) })),
  /** What keeps it from being moved while it runs, in words; absent when nothing does. */
  bound: z.string().max(200).optional(),
  /** False for a transient VM, which vanishes when it stops. */
  persistent: z.boolean(),
  definitionSha256: z.string().max(64),
  /** A job of the hypervisor on it, such as a migration. */
  job: z.enum(['none', 'migration-out', 'migration-in', 'other']),
})
export type Domain = z.infer<typeof domainSchema>

export const definitionSchema = z.object({
  format: z.enum(['libvirt-xml', 'simulated']),
  text: z.string().max(1_000_000),
  sha256: z.string().max(64),
})
export type Definition = z.infer<typeof definitionSchema>

export const hostFactsSchema = z.object({
  hypervisor: z.object({
    kind: z.enum(['libvirt', 'simulated']),
    version: z.string().max(50),
    emulatorVersion: z.string().max(50),
    accelerator: z.enum(['kvm', 'tcg', 'simulated']),
  }),
  cpu: z.object({
    model: z.string().max(200),
    vendor: z.string().max(100),
    features: z.array(z.string().max(60)).max(2000),
    cores: z.number().int().positive(),
    mhz: z.number().nonnegative(),
  }),
  memoryBytes: bytes,
  reservedMemoryBytes: bytes,
  agentVersion: z.string().max(50),
  bootId: z.string().min(1).max(100),
  selfFence: z
    .object({
      watchdog: z.boolean(),
      /** The lease that this agent has written down, and the datastores that renew it; null: it has none. */
      lease: z
        .object({ ms: z.number().int().positive(), datastores: z.array(uuidSchema).max(200) })
        .nullable()
        .default(null),
    })
    .nullable(),
})

/** An agent that is asked to stop says by what, and whether its machine is shutting down. */
export const lastWordsSchema = z.object({ why: z.string().min(1).max(60), goesDown: z.boolean() })
export type LastWords = z.infer<typeof lastWordsSchema>

/** A host's heartbeat on a datastore: written by its agent once a second, read by the agents of the others. */
export const beatSchema = z.object({
  hostId: z.string().regex(/^host-\d+$/),
  bootId: z.string().min(1).max(100),
  n: z.number().int().nonnegative(),
  /** It cannot reach control. */
  alone: z.boolean(),
  /** The VMs that it runs: for isolation, where "it stopped them" has to be told past control. Null: it does not know now. */
  running: z.array(uuidSchema).max(2000).nullable(),
  /** On the last one of an agent that is stopped in an orderly way. */
  goodbye: lastWordsSchema.optional(),
})
export type Beat = z.infer<typeof beatSchema>

export const datastoreReportSchema = z.object({
  /** From a marker file in its root, so that the same storage is recognised on every host. */
  uuid: uuidSchema,
  name: z.string().min(1).max(100),
  path: z.string().max(4096),
  capacityBytes: bytes,
  freeBytes: bytes,
  images: z.array(
    z.object({
      path: z.string().max(4096),
      name: z.string().max(255),
      format: z.enum(['qcow2', 'raw']),
      sizeBytes: bytes,
    }),
  ),
})
export type DatastoreReport = z.infer<typeof datastoreReportSchema>

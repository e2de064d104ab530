import { z } from 'zod'

const id = z.string().min(1)
/** Beyond this numbers are no longer exact. */
const amount = z.number().nonnegative().max(Number.MAX_SAFE_INTEGER)
/** Loads are shares of it: next to nothing would make them endless. */
const capacity = amount.refine((size) => size === 0 || size >= 0.001, 'Too small: it is 0, or at least 0.001')
const share = z.number().min(0).max(1)
const ids = z.array(id)

const host = z.object({
  id,
  name: id,
  cores: capacity,
  memoryBytes: capacity,
  /** Memory that VMs may be promised, and what has been promised: to those that run, start or arrive. */
  roomBytes: capacity,
  promisedBytes: amount,
  promisedCpus: amount,
  /** What it uses as a whole: CPU in cores, memory in bytes, rates in bytes per second, pressure as a share. */
  used: z.object({ cpu: amount, memory: amount, disk: amount, network: amount, pressure: amount }),
  /** It takes VMs; `closed`: why not, as the end of a sentence that begins with its name. */
  accepts: z.boolean(),
  closed: z.string().nullable(),
  /** Names. */
  datastores: z.array(z.string()),
  networks: z.array(z.string()),
  standby: z.enum(['awake', 'asleep', 'waking', 'falling asleep']),
  /** Epoch ms. */
  standbySince: z.number(),
  byHand: z.boolean(),
  wakeProven: z.boolean(),
  needed: z.string().optional(),
  power: z.object({ idleWatts: amount, maxWatts: amount, asleepWatts: amount }),
})

const vm = z.object({
  id,
  name: id,
  /** Ids of hosts: where it runs, and where it is on its way to. Null: nowhere. */
  host: id.nullable(),
  towards: id.nullable(),
  desired: z.enum(['running', 'stopped']),
  vcpus: amount,
  /** What it was promised. */
  memoryBytes: amount,
  /** What it is expected to need, in the units of a host's `used`; `cpuHigh`: what it seldom exceeds; `basis`: how that is known. */
  demand: z.object({
    cpu: amount,
    cpuHigh: amount,
    memory: amount,
    disk: amount,
    network: amount,
    pressure: share,
    aheadCpu: z.array(amount).optional(),
    basis: z.string(),
  }),
  /** What it uses now; absent: as its demand says. */
  now: z.object({ cpu: amount, memory: amount, disk: amount, network: amount }).optional(),
  tags: z.array(z.string()),
  /** Why it is not moved, as the end of a sentence; null: it may be. */
  fixed: z.string().nullable(),
  automation: z.enum(['manual', 'partial', 'full']),
  /** Capacity is kept for it; who comes first after a failure (1 to 5). */
  protected: z.boolean(),
  tier: z.number().int(),
  movedAt: z.number().nullable(),
  /** That was so that a host could sleep. */
  gathered: z.literal(true).optional(),
  /** Names. */
  datastores: z.array(z.string()),
  networks: z.array(z.string()),
  /** A key of `places`; null: any host could run it. */
  places: z.string().nullable(),
  /** The same for a start after a failure; absent: as `places`. */
  restarts: z.string().nullable().optional(),
})

const rule = z.object({
  id,
  name: id,
  kind: z.enum(['vm-vm', 'vm-host']),
  relation: z.enum(['together', 'apart', 'on', 'notOn']),
  strict: z.boolean(),
  enabled: z.boolean(),
  vms: ids,
  /** Preferred hosts have the higher priority. */
  hosts: z.array(z.object({ host: id, priority: z.number() })),
})

/** What planning goes by; the rest of a cluster's settings is about when things are done. */
const settings = z.object({
  balance: z.object({
    by: z.enum(['actual-load', 'configured-size']),
    aim: z.enum(['spread', 'overload']),
    spread: share,
    limit: share,
    weights: z.object({ cpu: amount, memory: amount }),
    minGain: amount,
    minShare: amount,
    cooldownMs: amount,
  }),
  ha: z.object({
    /** `hosts`: any so many may fail at once. `share`: this share of the memory stays free. */
    by: z.enum(['hosts', 'share']),
    hostFailures: z.number().int().nonnegative(),
    reservedShare: share,
    overcommitMemory: z.boolean(),
  }),
  power: z.object({
    /** Ids of hosts that may sleep; null: all whose wake-up was proven. */
    hosts: ids.nullable(),
    minAwake: z.number().int().nonnegative(),
    reserve: amount,
    fillTo: share,
    wakeAbove: share,
    dwellMs: amount,
    wakeAheadMs: amount,
  }),
})

/**
 * The format `drover-cluster/1`: the state of a cluster as `drover cluster export` writes it, with all that the planner goes
 * by. There is no secret and no address in it.
 */
export const clusterExportSchema = z.object({
  format: z.literal('drover-cluster/1'),
  /** Epoch ms. */
  exportedAt: z.number(),
  cluster: z.object({ id, name: id }),
  hosts: z.array(host).min(1),
  vms: z.array(vm),
  /** Sets of hosts that could run a VM, by id: datastores, networks and CPUs considered. */
  places: z.record(z.string(), ids),
  rules: z.array(rule),
  settings,
})

export type ClusterExport = z.infer<typeof clusterExportSchema>

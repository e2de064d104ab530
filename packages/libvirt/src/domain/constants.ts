/** virDomainState, by number. `pmsuspended`: the guest put itself to sleep. */
export const DOMAIN_STATES = [
  'nostate',
  'running',
  'blocked',
  'paused',
  'shutdown',
  'shutoff',
  'crashed',
  'pmsuspended',
] as const
export type DomainState = (typeof DOMAIN_STATES)[number]

/** Reasons of a state, by number; what is not listed here reads `unknown`. */
export const STATE_REASONS: Record<DomainState, readonly string[]> = {
  nostate: ['unknown'],
  running: [
    'unknown',
    'booted',
    'migrated',
    'restored',
    'from_snapshot',
    'unpaused',
    'migration_canceled',
    'save_canceled',
    'wakeup',
    'crashed',
    'postcopy',
    'postcopy_failed',
  ],
  blocked: ['unknown'],
  paused: [
    'unknown',
    'user',
    'migration',
    'save',
    'dump',
    'ioerror',
    'watchdog',
    'from_snapshot',
    'shutting_down',
    'snapshot',
    'crashed',
    'starting_up',
    'postcopy',
    'postcopy_failed',
    'api_error',
  ],
  shutdown: ['unknown', 'user'],
  shutoff: [
    'unknown',
    'shutdown',
    'destroyed',
    'crashed',
    'migrated',
    'saved',
    'failed',
    'from_snapshot',
    'daemon',
  ],
  crashed: ['unknown', 'panicked'],
  pmsuspended: ['unknown'],
}

/** virConnectListAllDomainsFlags. */
export const LIST_DOMAINS = {
  active: 1,
  inactive: 2,
  persistent: 4,
  transient: 8,
  running: 16,
  paused: 32,
  shutoff: 64,
  other: 128,
  managedSave: 256,
  autostart: 1024,
} as const

/** Whether a change is for the running domain, its definition, or both. 0: whichever it is now. */
export const AFFECT = { current: 0, live: 1, config: 2 } as const
/** virDomainVcpuFlags and virDomainMemoryModFlags: with AFFECT, the most that may be plugged in. */
export const MAXIMUM = 4
/** virDomainCreateFlags. */
export const START = {
  paused: 1,
  autodestroy: 2,
  bypassCache: 4,
  forceBoot: 8,
  validate: 16,
  resetNvram: 32,
} as const
/** virDomainDefineFlags. */
export const DEFINE = { validate: 1 } as const
/** virDomainUndefineFlags. */
export const UNDEFINE = {
  managedSave: 1,
  snapshotsMetadata: 2,
  nvram: 4,
  keepNvram: 8,
  checkpointsMetadata: 16,
  tpm: 32,
  keepTpm: 64,
} as const
/** virDomainShutdownFlagValues and virDomainRebootFlagValues. 0: the hypervisor chooses. */
export const SHUTDOWN = { acpiPowerButton: 1, guestAgent: 2, initctl: 4, signal: 8, paravirt: 16 } as const
/** virDomainDestroyFlagsValues. graceful: no SIGKILL when SIGTERM does not help. */
export const DESTROY = { graceful: 1, removeLogs: 2 } as const
/** virDomainSaveRestoreFlags. */
export const SAVE = { bypassCache: 1, running: 2, paused: 4, resetNvram: 8 } as const
/** virDomainXMLFlags. migratable: XML that another host's libvirt can take. */
export const DOMAIN_XML = { secure: 1, inactive: 2, updateCpu: 4, migratable: 8 } as const
/** virDomainBlockResizeFlags. bytes: the size is in bytes, not KiB. */
export const BLOCK_RESIZE = { bytes: 1, capacity: 2 } as const
/** virDomainStatsTypes. */
export const STATS_GROUPS = {
  state: 1,
  cpuTotal: 2,
  balloon: 4,
  vcpu: 8,
  interface: 16,
  block: 32,
  perf: 64,
  iothread: 128,
  memory: 256,
  dirtyRate: 512,
  vm: 1024,
} as const
/** virConnectGetAllDomainStatsFlags. noWait: leave out what a domain busy with a job cannot tell at once. */
export const STATS_OF = {
  active: 1,
  inactive: 2,
  persistent: 4,
  transient: 8,
  running: 16,
  paused: 32,
  shutoff: 64,
  other: 128,
  noWait: 0x2000_0000,
  backing: 0x4000_0000,
  enforceStats: 0x8000_0000,
} as const
/** virDomainInterfaceAddressesSource. */
export const ADDRESS_SOURCE = { lease: 0, agent: 1, arp: 2 } as const
/** virDomainMetadataType. */
export const METADATA = { description: 0, title: 1, element: 2 } as const

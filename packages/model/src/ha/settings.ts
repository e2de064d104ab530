/** What becomes of a VM whose host still runs it but has lost control. */
export type IsolationResponse = 'leave' | 'shutdown' | 'powerOff'

/** How a cluster looks after its VMs. Times in ms, shares 0 to 1. */
export interface HaSettings {
  /** `hold`: watched, but nothing is started, moved or fenced. `handsOff`: not even watched. */
  mode: 'armed' | 'hold' | 'handsOff'
  /** Who disarmed it and why, in words. */
  modeReason: string | null
  /** From the first missed heartbeat to `suspect`. */
  suspectMs: number
  /** From the last heartbeat to the decision, by when the evidence has to be in. */
  decideMs: number
  /** What is done with a host that is isolated: its VMs run. */
  isolatedHost: 'leave' | 'fence'
  /** For VMs that say nothing of their own. */
  isolationResponse: IsolationResponse
  /** An agent that has reached neither control nor any datastore for this long stops its VMs. */
  leaseMs: number
  /**
   * Whose deadline counts as proof of death. `watchdog`: only that of a host that its hardware resets when its agent does
   * not do its duty. `agent`: also the word of an agent without one, which a hung host or a dead agent cannot keep.
   */
  selfFenceProof: 'watchdog' | 'agent'
  /** Storm guard: nobody is fenced while at least `storm.hosts` hosts and more than `storm.share` of the cluster are silent at once. */
  storm: { hosts: number; share: number }
  /** `host:port` of things that control must be able to reach before it believes that others are gone. */
  referenceAddresses: string[]
  /** Between two fences of one cluster, at least; 0: none. */
  fenceQuietMs: number
  /** Lost this often within `windowMs`: no VMs for `quarantineMs`. */
  flap: { times: number; windowMs: number; quarantineMs: number }
  /** VMs of one tier that start at once on one host. */
  startsPerHost: number
  /** After this long a tier no longer waits for the one before it. */
  tierTimeoutMs: number
  admission: AdmissionPolicy
  placement: PlacementPolicy
}

/** How hosts are chosen for VMs. */
export interface PlacementPolicy {
  /** VMs may be promised more memory than a host has. */
  overcommitMemory: boolean
  /** Where a VM is powered on that runs nowhere: where it is defined, or wherever is best then. */
  onStart: 'home' | 'best'
}

/** The failures that must stay survivable, and what is done about a power-on that would break that. */
export interface AdmissionPolicy {
  /** `hosts`: any `hostFailures` hosts may die. `share`: this share of the memory stays free. */
  by: 'hosts' | 'share'
  hostFailures: number
  reservedShare: number
  action: 'refuse' | 'warn' | 'off'
}

export const defaultHaSettings: HaSettings = {
  mode: 'armed',
  modeReason: null,
  suspectMs: 3_000,
  decideMs: 8_000,
  isolatedHost: 'leave',
  isolationResponse: 'leave',
  leaseMs: 30_000,
  selfFenceProof: 'watchdog',
  storm: { hosts: 2, share: 0.5 },
  referenceAddresses: [],
  fenceQuietMs: 0,
  flap: { times: 3, windowMs: 3_600_000, quarantineMs: 3_600_000 },
  startsPerHost: 4,
  tierTimeoutMs: 120_000,
  admission: { by: 'hosts', hostFailures: 1, reservedShare: 0.25, action: 'warn' },
  placement: { overcommitMemory: false, onStart: 'home' },
}

/** How a VM is looked after. */
export interface VmHa {
  /** `protected`: capacity is kept for it. `bestEffort`: restarted where there is room. `none`: left alone. */
  restart: 'protected' | 'bestEffort' | 'none'
  /** 1 starts first, 5 last; a tier starts when the one before it is ready. */
  tier: 1 | 2 | 3 | 4 | 5
  /** Counts as ready this long after it runs. */
  readyMs: number
  /** Null: as its cluster says. */
  isolation: IsolationResponse | null
  /** Failed starts on one host, and hosts tried after that, before it is given up as an error. */
  retries: { sameHost: number; otherHosts: number }
  /** Moves back to a host that a rule prefers, or that it was taken from, when that host is there again. */
  failback: boolean
  /** When its host is emptied: moved (also when absent), or shut down and started again when the host is back. */
  evacuate?: 'move' | 'stop'
}

export const defaultVmHa: VmHa = {
  restart: 'protected',
  tier: 3,
  readyMs: 0,
  isolation: null,
  retries: { sameHost: 1, otherHosts: 2 },
  failback: false,
}

/** What a guest says of itself, in one UDP answer. */
export interface GuestStatus {
  /** The VM's UUID, as its firmware sees it. */
  uuid: string
  /** A new random number at every boot. */
  boot: string
  /** Tenths of seconds counted since boot. */
  tick: number
  uptimeMs: number
  /** Number of the last record that the disk acknowledged. */
  diskCounter: number
  /** Holes, bad records and failed writes, since boot. */
  diskErrors: number
  /** Whole rounds over the dirtied memory, and pages found wrong in them. */
  memoryPasses: number
  memoryErrors: number
  memoryBytes: number
  cpus: number
}

/** What was seen while a guest was watched. */
export interface WatchResult {
  sent: number
  answered: number
  /** Longest time without an answer, and the gaps above 100 ms (start relative to the watch). */
  maxGapMs: number
  gaps: { atMs: number; gapMs: number }[]
  boots: string[]
  /** How often a counter was lower than one seen before: must be 0. */
  tickWentBack: number
  diskCounterWentBack: number
  /** Ticks that the guest missed against the wall clock between the first and last answer. */
  ticksLost: number
  first?: GuestStatus
  last?: GuestStatus
}

export interface GuestWatch {
  /** Stops watching and tells what was seen. */
  stop(): Promise<WatchResult>
}

/** Asks guests over the VM network, from a process that lives in it. */
export interface GuestProbe {
  /** Rejects when there is no answer within the deadline (default 1 s). */
  status(address: string, options?: { timeoutMs?: number }): Promise<GuestStatus>
  /** Asks until the guest answers (default: 60 s). */
  waitFor(address: string, options?: { timeoutMs?: number }): Promise<GuestStatus>
  /** `dirty <MiB> <MiB/s>`, `burn <percent>`, `disk <ms between records>`, `poweroff`, `reboot`, `hang`, `crash`. */
  command(address: string, command: string): Promise<GuestStatus>
  /** Asks every `intervalMs` (default 10) until stopped. */
  watch(address: string, options?: { intervalMs?: number }): Promise<GuestWatch>
  close(): Promise<void>
}

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

/** Length of a tick in milliseconds (TICK_MS in guest/guest.h). */
export const tickMs = 100

/** Reads the guest's `key=value` line (status_line in guest/init.c). */
export function parseStatus(line: string): GuestStatus {
  const fields = new Map(
    line
      .trim()
      .split(' ')
      .map((pair) => pair.split('=', 2) as [string, string]),
  )
  const number = (key: string) => Number(fields.get(key) ?? Number.NaN)
  return {
    uuid: fields.get('uuid') ?? '',
    boot: fields.get('boot') ?? '',
    tick: number('tick'),
    uptimeMs: number('up_ms'),
    diskCounter: number('disk'),
    diskErrors: number('disk_errors'),
    memoryPasses: number('passes'),
    memoryErrors: number('memory_errors'),
    memoryBytes: number('memory'),
    cpus: number('cpus'),
  }
}

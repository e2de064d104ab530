/** What was seen of one resource of a VM or a host over a window of time. */
export interface DemandWindow {
  /** When the window began, and how long it is. */
  at: number
  widthMs: number
  /** Used, in the resource's unit, on average over the window; */
  avg: number
  /** where they were recorded, the 95th percentile of its samples, and the most. */
  p95?: number
  max?: number
  /**
   * The share of the time in which it wanted the resource and had to wait for it (steal, ready time, pressure stall), 0 to 1. What was
   * used while it waited is less than what it would have used.
   */
  waiting?: number
}

/** Waits are believed up to here: beyond, nearly nothing ran, and a division would answer anything. */
const mostWaiting = 0.9

/** By how much a value of the window is to be raised for what it did not get. */
export function raiseOf({ waiting = 0 }: DemandWindow): number {
  return 1 / (1 - Math.min(mostWaiting, Math.max(0, waiting)))
}

/** The windows that ended by then, the oldest first. What is of another time is not looked at. */
export function windowsUntil(
  windows: readonly DemandWindow[],
  at: number,
  since = Number.NEGATIVE_INFINITY,
): DemandWindow[] {
  return windows.filter((one) => one.at + one.widthMs <= at && one.at >= since).sort((a, b) => a.at - b.at)
}

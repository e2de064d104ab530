/** Time as a port, so that the same code runs against the wall clock and against a virtual one. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number
  /** Calls `fn` once after `ms`; the returned function takes it back. */
  setTimer(ms: number, fn: () => void): () => void
}

/** Resolves after `ms` of the clock's time. */
export function sleep(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.setTimer(ms, resolve)
  })
}

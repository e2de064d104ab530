import type { Clock } from '../ports'

/** Time that moves only when a test says so. */
export class TestClock implements Clock {
  #now = 1_700_000_000_000
  #timers: { at: number; n: number; run: () => void }[] = []
  #n = 0

  now(): number {
    return this.#now
  }

  setTimer(ms: number, run: () => void): () => void {
    this.#n += 1
    const timer = { at: this.#now + ms, n: this.#n, run }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  /** Lets `ms` pass: every timer in its order, and after each all that follows from it. */
  async pass(ms: number): Promise<void> {
    const until = this.#now + ms
    await settled()
    for (;;) {
      const [next] = this.#timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at || a.n - b.n)
      if (!next) break
      this.#timers = this.#timers.filter((other) => other !== next)
      this.#now = Math.max(this.#now, next.at)
      next.run()
      await settled()
    }
    this.#now = until
  }

  /** Moves time without running what was due meanwhile, as if this process had stood still. */
  jump(ms: number): void {
    this.#now += ms
  }
}

/** When nothing is left to do but wait for time to pass. */
export async function settled(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve))
}

import type { Clock } from '../clock'

interface Timer {
  at: number
  order: number
  fn: () => void
}

/** A clock that stands still until it is told to go on. Timers due at the same moment fire in the order they were set. */
export class VirtualClock implements Clock {
  private timers: Timer[] = []
  private order = 0

  constructor(private time = 1_760_000_000_000) {}

  now(): number {
    return this.time
  }

  setTimer(ms: number, fn: () => void): () => void {
    const timer = { at: this.time + Math.max(0, ms), order: this.order++, fn }
    let low = 0
    let high = this.timers.length
    while (low < high) {
      const middle = (low + high) >> 1
      const other = this.timers[middle]!
      if (other.at < timer.at || (other.at === timer.at && other.order < timer.order)) low = middle + 1
      else high = middle
    }
    this.timers.splice(low, 0, timer)
    return () => {
      const index = this.timers.indexOf(timer)
      if (index >= 0) this.timers.splice(index, 1)
    }
  }

  /** Lets `ms` go by: fires every timer that falls due, and lets promises settle after each. */
  async advance(ms: number): Promise<void> {
    const end = this.time + ms
    await settle()
    for (;;) {
      const next = this.timers[0]
      if (!next || next.at > end) break
      this.timers.shift()
      this.time = next.at
      next.fn()
      await settle()
    }
    this.time = end
  }

  /** Lets time go by until the promise has settled; throws when it has not within `withinMs`. */
  async until<T>(promise: Promise<T>, withinMs = 3_600_000): Promise<T> {
    let done = false
    const finish = () => {
      done = true
    }
    promise.then(finish, finish)
    const end = this.time + withinMs
    await settle()
    while (!done) {
      const next = this.timers[0]
      if (!next || next.at > end) throw new Error(`nothing settled within ${withinMs} ms of virtual time`)
      await this.advance(next.at - this.time)
    }
    return promise
  }
}

/** Every promise reaction that is due runs before the event loop comes round. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

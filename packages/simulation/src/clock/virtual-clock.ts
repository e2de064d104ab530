/** More timers for one moment than any honest program sets. */
const mostAtOnce = 20_000

/** One thing that is going to happen. */
interface Timer {
  at: number
  order: number
  fn: () => void
  cancelled: boolean
}

/**
 * Time that passes only when told to. Timers fire by time, then by the order in which they were set; between two of
 * them every promise that can settle has settled. So a run is a function of what was put in.
 */
export class VirtualClock {
  private heap: Timer[] = []
  private order = 0
  /** Timers that fired since time last moved. */
  private atOnce = 0
  /** How many timers have fired; the same in two runs of one seed. */
  fired = 0
  /** Called after every timer, when the promises have settled: where invariants are checked. */
  afterEach: () => void = () => {}

  constructor(private time = Date.UTC(2026, 0, 5, 9)) {}

  now(): number {
    return this.time
  }

  /** Calls `fn` once after `ms` (whole ones); the returned function takes it back. */
  setTimer(ms: number, fn: () => void): () => void {
    const timer: Timer = {
      at: this.time + Math.ceil(Math.max(0, ms)),
      order: this.order++,
      fn,
      cancelled: false,
    }
    this.push(timer)
    return () => {
      timer.cancelled = true
    }
  }

  /** Lets `ms` of virtual time go by. */
  async advance(ms: number): Promise<void> {
    await this.until(() => false, ms)
  }

  /** Lets time go by until `done` holds, at most `withinMs`; says whether it does. */
  async until(done: () => boolean, withinMs: number): Promise<boolean> {
    const end = this.time + withinMs
    await settle()
    while (!done()) {
      const next = this.peek()
      if (!next || next.at > end) {
        this.time = Math.max(this.time, end)
        return done()
      }
      this.pop()
      this.atOnce = next.at === this.time ? this.atOnce + 1 : 0
      if (this.atOnce > mostAtOnce)
        throw new Error(`time stands still at ${this.time}: timers set timers for now`)
      this.time = next.at
      this.fired++
      next.fn()
      await settle()
      this.afterEach()
    }
    return true
  }

  private peek(): Timer | undefined {
    while (this.heap[0]?.cancelled) this.pop()
    return this.heap[0]
  }

  private push(timer: Timer): void {
    const heap = this.heap
    let index = heap.push(timer) - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (before(heap[parent]!, timer)) break
      heap[index] = heap[parent]!
      index = parent
    }
    heap[index] = timer
  }

  private pop(): void {
    const heap = this.heap
    const last = heap.pop()!
    if (heap.length === 0) return
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++
      if (before(last, heap[child]!)) break
      heap[index] = heap[child]!
      index = child
    }
    heap[index] = last
  }
}

function before(one: Timer, other: Timer): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order)
}

/** Promise reactions all run before the event loop comes round to its next turn. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

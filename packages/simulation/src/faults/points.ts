/**
 * Every place where a process may be killed and something differs afterwards: before and after a commit, a message, a
 * call to the hypervisor, a line of the journal. A first run counts them; then one run for each dies there.
 */
export class Points {
  /** What was passed, in order, while armed. */
  readonly passed: string[] = []
  private armed = false
  private strikes: { at: number; fn: (label: string) => void }[] = []

  /** From now on points count. */
  arm(): void {
    this.armed = true
  }

  disarm(): void {
    this.armed = false
  }

  /** Calls `fn` when the point number `at` (from 0) is reached, before what comes after it. */
  strike(at: number, fn: (label: string) => void): void {
    this.strikes.push({ at, fn })
  }

  pass(label: string): void {
    if (!this.armed) return
    const number = this.passed.push(label) - 1
    const due = this.strikes.filter((strike) => strike.at === number)
    this.strikes = this.strikes.filter((strike) => strike.at !== number)
    for (const strike of due) strike.fn(label)
  }
}

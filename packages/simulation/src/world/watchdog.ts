import type { Watchdog } from '@drover/agent'
import type { VirtualClock } from '../clock/virtual-clock'

/** A hardware watchdog: once fed it resets its host when nobody feeds it again in time, whatever became of the feeder. */
export class SimulatedWatchdog implements Watchdog {
  private calledOff: (() => void) | null = null

  constructor(
    private readonly clock: VirtualClock,
    private readonly reset: () => void,
    readonly timeoutMs = 10_000,
  ) {}

  feed(): void {
    this.calledOff?.()
    this.calledOff = this.clock.setTimer(this.timeoutMs, () => {
      this.calledOff = null
      this.reset()
    })
  }

  close(): void {
    this.calledOff?.()
    this.calledOff = null
  }
}

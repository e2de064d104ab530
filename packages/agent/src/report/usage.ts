import type { Hypervisor } from '@drover/hypervisor'
import type { HostUsage, VmUsage } from '@drover/model'
import type { Clock, Log } from '../ports'

const everyMs = 1_000
/** Older figures are not passed off as what is happening now. */
const staleMs = 5_000

/** Samples usage in the background, so that a heartbeat never waits for the hypervisor. */
export class UsageSampler {
  private last: { at: number; host: HostUsage; vms: Record<string, VmUsage> } | null = null
  private busy = false
  private stopped = false
  private cancel = () => {}

  constructor(private readonly ports: { hypervisor: Hypervisor; clock: Clock; log: Log }) {}

  start(): void {
    this.sample()
  }

  stop(): void {
    this.stopped = true
    this.cancel()
  }

  latest(): { usage: HostUsage | null; vms: Record<string, VmUsage> } {
    if (!this.last || this.ports.clock.now() - this.last.at > staleMs) return { usage: null, vms: {} }
    return { usage: this.last.host, vms: this.last.vms }
  }

  private sample(): void {
    if (this.stopped) return
    this.cancel = this.ports.clock.setTimer(everyMs, () => this.sample())
    if (this.busy) return
    this.busy = true
    this.ports.hypervisor
      .usage()
      .then(
        ({ host, vms }) => {
          this.last = { at: this.ports.clock.now(), host, vms: Object.fromEntries(vms) }
        },
        // Shows as a heartbeat without figures; why, the watcher says.
        () => {},
      )
      .finally(() => {
        this.busy = false
      })
  }
}

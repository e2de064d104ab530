import type { Hypervisor } from '@drover/hypervisor'
import type { Domain } from '@drover/protocol'
import type { Machine } from '../ports'

/** What runs on this host, looked at again and again, so that heartbeats and the guard never wait for the hypervisor. */
export class Running {
  /** Null until the hypervisor has said it once. */
  private known: { askedAt: number; at: number; domains: Domain[] } | null = null
  private looking = false

  constructor(private readonly ports: { hypervisor: Hypervisor; machine: Machine }) {}

  /** Looks, unless a look is under way; `then` gets what was seen. */
  look(then: (active: Domain[]) => void = () => {}): void {
    if (this.looking) return
    this.looking = true
    const askedAt = this.ports.machine.uptimeMs()
    this.ports.hypervisor
      .domains()
      .then(
        (domains) => {
          this.known = { askedAt, at: this.ports.machine.uptimeMs(), domains: domains.filter(isActive) }
          then(this.known.domains)
        },
        // It shows by its age.
        () => {},
      )
      .finally(() => {
        this.looking = false
      })
  }

  /** As last seen; null when it never was. */
  get domains(): Domain[] | null {
    return this.known?.domains ?? null
  }

  /** How long ago the hypervisor answered. */
  get ageMs(): number {
    return this.known ? this.ports.machine.uptimeMs() - this.known.at : Number.POSITIVE_INFINITY
  }

  /** How long ago it was asked for what it answered: what came since is not in it. */
  get oldMs(): number {
    return this.known ? this.ports.machine.uptimeMs() - this.known.askedAt : Number.POSITIVE_INFINITY
  }
}

/** It has memory here, and may write to its disks now or in a moment. */
function isActive({ state }: Domain): boolean {
  return state !== 'off' && state !== 'crashed'
}

import { type Connection, ConnectionClosedError, DeadlineError } from '@drover/libvirt'
import type { Domain } from '@drover/protocol'
import { type Clock, sleep } from '../../clock'
import type { Connections } from '../connections'

/** For so long it is asked what came of an order that was not answered. */
const settleMs = 60_000
const lookMs = 1_000

/**
 * Has libvirt do something with a VM, each order on a connection of its own, for it may have to wait. Where no answer comes
 * (libvirt was restarted, or takes too long) it may have been done all the same: what the VM is then decides.
 */
export class Orders {
  private closed = false

  constructor(
    private readonly connections: Connections,
    /** What is true, once that can be told. */
    private readonly look: (uuid: string) => Promise<Domain | null>,
    private readonly clock: Clock,
  ) {}

  close(): void {
    this.closed = true
  }

  /** Rejects with what libvirt said, or with its silence when the VM is none of `becomes` afterwards. */
  async carryOut(
    uuid: string,
    act: (own: Connection) => Promise<unknown>,
    becomes: Domain['state'][],
  ): Promise<void> {
    try {
      await this.connections.apart(act)
    } catch (error) {
      const unanswered = error instanceof DeadlineError || error instanceof ConnectionClosedError
      const state = unanswered ? await this.settled(uuid) : null
      if (!state || !becomes.includes(state)) throw error
    }
  }

  /** What a VM is; null when there is none, or nobody says. */
  private async settled(uuid: string): Promise<Domain['state'] | null> {
    const untilAt = this.clock.now() + settleMs
    while (!this.closed && this.clock.now() < untilAt) {
      const found = await this.look(uuid).catch(() => undefined)
      if (found !== undefined) return found?.state ?? null
      await sleep(this.clock, lookMs)
    }
    return null
  }
}

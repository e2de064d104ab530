import { ConnectionClosedError, DeadlineError, isLibvirtError, type Job as Said } from '@drover/libvirt'
import type { Domain } from '@drover/protocol'
import type { Clock } from '../../clock'
import type { Connections } from '../connections'

/** libvirt itself waits 30 s for a domain that is busy, and then says so. */
const deadlineMs = 40_000

/** What libvirt does with an active domain right now, and how far it is. */
export interface Job {
  kind: Domain['job']
  stats: Said['stats']
}

/**
 * What libvirt does with domains. It tells when it can have the domain to itself: while it starts one, or QEMU does not
 * answer it, not before that is over. Not to know is therefore an answer (null), and nobody is kept from anything by it. A
 * domain that arrives is the exception: that is said at once.
 */
export class Jobs {
  private readonly asked = new Map<string, Promise<Job | null>>()
  private readonly leaving = new Set<string>()

  constructor(
    private readonly connections: Connections,
    private readonly clock: Clock,
  ) {}

  /** Null after `patienceMs`; without it when libvirt gives up, which takes it half a minute. */
  async ask(uuid: string, patienceMs?: number): Promise<Job | null> {
    let asked = this.asked.get(uuid)
    if (!asked) {
      asked = this.query(uuid).finally(() => this.asked.delete(uuid))
      this.asked.set(uuid, asked)
    }
    if (patienceMs === undefined) return asked
    let enough = () => {}
    const late = new Promise<null>((resolve) => {
      enough = this.clock.setTimer(patienceMs, () => resolve(null))
    })
    return Promise.race([asked, late]).finally(enough)
  }

  /** Whether a domain whose job cannot be told was leaving when it last could. */
  wasLeaving(uuid: string): boolean {
    return this.leaving.has(uuid)
  }

  /** These are active, and no others: what was leaving has left, and is not what comes back under its name one day. */
  areActive(uuids: ReadonlySet<string>): void {
    for (const uuid of this.leaving) if (!uuids.has(uuid)) this.leaving.delete(uuid)
  }

  private async query(uuid: string): Promise<Job | null> {
    const job = await this.said(uuid)
    if (job?.kind === 'migration-out') this.leaving.add(uuid)
    else if (job) this.leaving.delete(uuid)
    return job
  }

  private async said(uuid: string): Promise<Job | null> {
    try {
      const { type, operation, stats } = await this.connections.use((connection) =>
        connection.migration.job({ uuid }, {}, { deadlineMs }),
      )
      if (type === 'none') return { kind: 'none', stats }
      if (operation === 'migration_out') return { kind: 'migration-out', stats }
      if (operation === 'migration_in') return { kind: 'migration-in', stats }
      return { kind: 'other', stats }
    } catch (error) {
      if (isLibvirtError(error, 'operation_timeout')) return null
      // Only the source may be asked how a migration goes; being told so is the answer.
      if (isLibvirtError(error) && /only on the source/i.test(error.message))
        return { kind: 'migration-in', stats: {} }
      // It is off, or gone.
      if (isLibvirtError(error)) return { kind: 'none', stats: {} }
      if (error instanceof DeadlineError || error instanceof ConnectionClosedError) return null
      throw error
    }
  }
}

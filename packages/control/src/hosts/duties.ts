import { dutiesOf } from '@drover/engine'
import type { ClusterId, Host, HostId, Vm, World } from '@drover/model'
import type { Batch } from '@drover/store'
import type { Clock } from '../ports'
import type { Session } from './session'

/** Changes that come together are told together. */
const togetherMs = 200

/**
 * Keeps agents informed of what they have to do when they are alone: right after the welcome, and again whenever that has
 * changed. A line that was told is told only what is new.
 */
export class DutiesTeller {
  #clusters = new Set<ClusterId>()
  readonly #told = new WeakMap<Session, string>()
  #stopTimer: (() => void) | null = null
  #stopped = false

  constructor(
    private readonly world: World,
    private readonly clock: Clock,
    private readonly session: (hostId: HostId) => Session | undefined,
  ) {}

  stop(): void {
    this.#stopped = true
    this.#stopTimer?.()
  }

  welcomed(session: Session, hostId: HostId): void {
    const cluster = this.world.tables.cluster.get(this.world.tables.host.get(hostId)?.clusterId ?? '')
    const duties = cluster && dutiesOf(this.world, cluster).get(hostId)
    if (duties) this.#say(session, duties)
  }

  committed({ rows }: Batch): void {
    for (const { table, id, row } of rows) {
      if (table === 'host' || table === 'vm') {
        const { clusterId } = (row ?? {}) as Partial<Host | Vm>
        if (clusterId) this.#clusters.add(clusterId)
      } else if (table === 'cluster') this.#clusters.add(id as ClusterId)
    }
    if (this.#clusters.size === 0 || this.#stopTimer || this.#stopped) return
    this.#stopTimer = this.clock.setTimer(togetherMs, () => this.#tell())
  }

  #tell(): void {
    this.#stopTimer = null
    const clusters = this.#clusters
    this.#clusters = new Set()
    for (const id of clusters) {
      const cluster = this.world.tables.cluster.get(id)
      for (const [hostId, duties] of cluster ? dutiesOf(this.world, cluster) : []) {
        const session = this.session(hostId)
        if (session?.open) this.#say(session, duties)
      }
    }
  }

  #say(session: Session, duties: Parameters<Session['line']['duties']>[0]): void {
    const text = JSON.stringify(duties)
    if (this.#told.get(session) === text) return
    this.#told.set(session, text)
    session.line.duties(duties)
  }
}

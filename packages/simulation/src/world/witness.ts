import type { SimulatedDatacenter } from '@drover/hypervisor/simulated'

/** What an agent says to a daemon: each of them shows that it is alive. */
const fromAgents: ReadonlySet<string> = new Set([
  'hello',
  'heartbeat',
  'report',
  'changed',
  'progress',
  'result',
])

/**
 * What somebody would know who had watched every host and every wire from the beginning: for checkers, which must not
 * take anybody's word.
 */
export class Witness {
  /** By daemon, by host: when something that its agent said last reached it. */
  readonly heard = new Map<string, Map<string, number>>()
  /** By host: since when what it says has come to some daemon without a gap of more than three seconds. */
  readonly steadySince = new Map<string, number>()
  /** By host: when it last went down. */
  readonly downAt = new Map<string, number>()
  /** By host: when it last got its power back. */
  readonly upAt = new Map<string, number>()
  /** By host: when its agent was last in contact: control's answer to a heartbeat, or a heartbeat put on a datastore. */
  readonly contactAt = new Map<string, number>()
  /** By host: since when its heartbeat on a datastore that another live host reads has moved without a gap. */
  readonly freshSince = new Map<string, number>()
  /** By host: what its agent was last told to do when it is alone. */
  readonly duties = new Map<string, { leaseMs: number | null; datastores: string[] | null; at: number }>()
  private readonly lastFresh = new Map<string, number>()

  constructor(private readonly truth: SimulatedDatacenter) {}

  /** A message has reached somebody. */
  arrived(from: string, to: string, event: string, payload: unknown): void {
    const now = this.truth.clock.now()
    if (fromAgents.has(event)) {
      const daemon = this.heard.get(to) ?? new Map<string, number>()
      this.heard.set(to, daemon)
      const last = Math.max(0, ...[...this.heard.values()].map((hosts) => hosts.get(from) ?? 0))
      if (now - last > 3_000) this.steadySince.set(from, now)
      daemon.set(from, now)
    } else if (event === 'heard') {
      if ((payload as { renews?: boolean }).renews !== false) this.contactAt.set(to, now)
    } else if (event === 'duties') {
      const { leaseMs, datastores } = payload as { leaseMs: number | null; datastores: string[] | null }
      this.duties.set(to, { leaseMs, datastores: datastores ?? null, at: now })
    }
  }

  wentDown(host: string): void {
    this.downAt.set(host, this.truth.clock.now())
  }

  /** Its lease begins when its agent does, and that is not before now. */
  cameUp(host: string): void {
    this.contactAt.set(host, this.truth.clock.now())
    this.upAt.set(host, this.truth.clock.now())
  }

  /** When any daemon last heard from a host. */
  heardAt(host: string): number {
    return Math.max(0, ...[...this.heard.values()].map((hosts) => hosts.get(host) ?? 0))
  }

  /** The host's heartbeat has reached a datastore. */
  wrote(host: string, datastore: string): void {
    const now = this.truth.clock.now()
    const others = [...this.truth.hosts.values()].filter(
      ({ is }) => is.name !== host && is.mounts.some((mount) => mount.datastore === datastore),
    )
    if (others.length > 0) this.contactAt.set(host, now)
    if (!others.some(({ on, frozen, storage }) => on && !frozen && !storage.has(datastore))) return
    const last = this.lastFresh.get(host) ?? 0
    if (now - last > 3_000) this.freshSince.set(host, now)
    this.lastFresh.set(host, now)
  }

  /** For how long others could have seen the host alive on storage, up to now; 0 when they cannot now. */
  freshMs(host: string): number {
    const now = this.truth.clock.now()
    if (now - (this.lastFresh.get(host) ?? 0) > 2_000) return 0
    return now - (this.freshSince.get(host) ?? now)
  }
}

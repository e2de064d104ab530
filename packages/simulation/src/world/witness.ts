import type { SimulatedDatacenter } from '@drover/hypervisor/simulated'

interface Ran {
  host: string
  /** The host's power cycle at that time. */
  life: number
  at: number
}

/**
 * What somebody would know who had watched every host and every wire from the beginning: for checkers, which must not
 * take anybody's word.
 */
export class Witness {
  /** By daemon, by host: when a heartbeat last reached it. */
  readonly heard = new Map<string, Map<string, number>>()
  /** By host: since when its heartbeats have come to some daemon without a gap of more than three seconds. */
  readonly steadySince = new Map<string, number>()
  /** By host: when it last went down. */
  readonly downAt = new Map<string, number>()
  /** By VM uuid: where it was last alive. */
  readonly ran = new Map<string, Ran>()
  /** By host: when its agent was last in contact: control's answer to a heartbeat, or a heartbeat put on a datastore. */
  readonly contactAt = new Map<string, number>()
  /** By host: since when its heartbeat on a datastore that another live host reads has moved without a gap. */
  readonly freshSince = new Map<string, number>()
  private readonly beats = new Map<string, { beat: object; at: number }>()
  /** By host: what its agent was last told to do when it is alone. */
  readonly duties = new Map<string, { leaseMs: number | null; datastores: string[] | null; at: number }>()
  /** When wires were last as they should be between a daemon and each reference address. */
  private looked = 0

  constructor(private readonly truth: SimulatedDatacenter) {}

  /** A message has reached somebody. */
  arrived(from: string, to: string, event: string, payload: unknown): void {
    const now = this.truth.clock.now()
    if (event === 'heartbeat') {
      const daemon = this.heard.get(to) ?? new Map<string, number>()
      this.heard.set(to, daemon)
      const last = Math.max(0, ...[...this.heard.values()].map((hosts) => hosts.get(from) ?? 0))
      if (now - last > 3_000) this.steadySince.set(from, now)
      daemon.set(from, now)
    } else if (event === 'heard') this.contactAt.set(to, now)
    else if (event === 'duties') {
      const { leaseMs, datastores } = payload as { leaseMs: number | null; datastores: string[] | null }
      this.duties.set(to, { leaseMs, datastores: datastores ?? null, at: now })
    }
  }

  wentDown(host: string): void {
    this.downAt.set(host, this.truth.clock.now())
  }

  /** When any daemon last heard from a host. */
  heardAt(host: string): number {
    return Math.max(0, ...[...this.heard.values()].map((hosts) => hosts.get(host) ?? 0))
  }

  /** When a heartbeat of a host last moved on a datastore; 0: never. */
  beatAt(datastore: string, hostId: string): number {
    return this.beats.get(`${datastore}/${hostId}`)?.at ?? 0
  }

  /** After every event. `hostIds`: by the name of the host. */
  look(hostIds: ReadonlyMap<string, string | null>): void {
    const now = this.truth.clock.now()
    for (const { is, life, domains } of this.truth.hosts.values()) {
      for (const { uuid, guest } of domains.values()) {
        if (guest) this.ran.set(uuid, { host: is.name, life, at: now })
      }
    }
    if (now === this.looked) return
    this.looked = now
    for (const { uuid, beats } of this.truth.disks.datastores.values()) {
      for (const [hostId, beat] of beats) {
        const key = `${uuid}/${hostId}`
        const before = this.beats.get(key)
        if (before?.beat === beat) continue
        this.beats.set(key, { beat, at: now })
        const name = [...hostIds].find(([, id]) => id === hostId)?.[0]
        if (name) this.wrote(name, uuid, now)
      }
    }
  }

  private wrote(host: string, datastore: string, now: number): void {
    const readers = [...this.truth.hosts.values()].filter(
      ({ is, on, frozen, storage }) =>
        is.name !== host &&
        on &&
        !frozen &&
        !storage.has(datastore) &&
        is.mounts.some((mount) => mount.datastore === datastore),
    )
    if (readers.length === 0) return
    this.contactAt.set(host, now)
    const last = this.lastFresh.get(host) ?? 0
    if (now - last > 3_000) this.freshSince.set(host, now)
    this.lastFresh.set(host, now)
  }

  private readonly lastFresh = new Map<string, number>()

  /** For how long others could have seen the host alive on storage, up to now; 0 when they cannot now. */
  freshMs(host: string): number {
    const now = this.truth.clock.now()
    if (now - (this.lastFresh.get(host) ?? 0) > 2_000) return 0
    return now - (this.freshSince.get(host) ?? now)
  }
}

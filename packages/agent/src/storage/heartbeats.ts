import type { Hypervisor } from '@drover/hypervisor'
import { aloneMs, type Beat, type Heartbeat, stillMs } from '@drover/protocol'
import type { Beats, Log, Machine } from '../ports'

const lookForDatastoresMs = 10_000

interface Place {
  uuid: string
  name: string
  root: string
  /** Something is being written or read; the next one waits, however long a dead server takes. */
  busy: Promise<void> | null
  /** Uptime at which the last write began that reached the storage. */
  writtenAt: number
  readAt: number
  /** Those of other hosts. */
  beats: Beat[]
  /** By host: when its heartbeat was first seen as it is now, and whether it has been found to stand still since. */
  changed: Map<string, { n: number; at: number; still: boolean }>
  /** Another host's heartbeat was read here: the storage is shared. */
  shared: boolean
  trouble: string | null
}

/**
 * This host's heartbeat on every datastore that it has mounted, once a second, and what others wrote there. Datastores do
 * not wait for each other, and nothing waits for a datastore.
 */
export class StorageHeartbeats {
  private readonly places = new Map<string, Place>()
  private lookedAt = Number.NEGATIVE_INFINITY
  private looking = false
  private stopped = false

  constructor(
    private readonly ports: {
      hypervisor: Pick<Hypervisor, 'datastores'>
      beats: Beats
      machine: Machine
      log: Log
      hostId: string
      /** The storage has it; the write began at this uptime. */
      onWritten(datastore: { uuid: string; shared: boolean }, beganAt: number): void
      /** One that had gone is there again. */
      onBack?(): void
      /** A heartbeat of another host that moved stands still. */
      lost?(): void
    },
  ) {}

  stop(): void {
    this.stopped = true
  }

  /** Begins a round. `beat` null: nothing can be said of this host yet, so others are read only. */
  tick(beat: Beat | null): void {
    this.lookForDatastores()
    for (const place of this.places.values()) if (!place.busy) this.round(place, beat)
  }

  /** The last heartbeat, everywhere, after those under way. Resolves when every place has taken or refused it. */
  async leave(beat: Beat, taken: (place: { uuid: string; shared: boolean }) => void): Promise<void> {
    const all = [...this.places.values()].map(async (place) => {
      await place.busy
      await this.ports.beats.write(place.root, beat)
      taken(place)
    })
    await Promise.allSettled(all)
  }

  /** As a heartbeat to control tells it. What others run is of interest only when they cannot say it themselves. */
  report(): Heartbeat['storage'] {
    const now = this.now()
    return [...this.places.values()].map((place) => {
      const known = now - place.readAt <= aloneMs
      return {
        uuid: place.uuid,
        ok: now - place.writtenAt <= aloneMs,
        agoMs: known ? Math.round(now - place.readAt) : 0,
        beats: known ? place.beats.map(brief) : [],
      }
    })
  }

  /** Whether any datastore has taken a heartbeat lately. */
  get works(): boolean {
    return [...this.places.values()].some((place) => this.now() - place.writtenAt <= aloneMs)
  }

  /** What others say of themselves, of those whose heartbeat moves. */
  alive(): Beat[] {
    const now = this.now()
    const found = new Map<string, Beat>()
    for (const { beats, changed, readAt } of this.places.values()) {
      if (now - readAt > aloneMs) continue
      for (const beat of beats) {
        if (now - changed.get(beat.hostId)!.at <= 2 * aloneMs) found.set(beat.hostId, beat)
      }
    }
    return [...found.values()]
  }

  private round(place: Place, beat: Beat | null): void {
    place.busy = this.exchange(place, beat)
      .then(
        () => this.say(place, null),
        (error) => this.say(place, error instanceof Error ? error.message : String(error)),
      )
      .finally(() => {
        place.busy = null
      })
  }

  private async exchange(place: Place, beat: Beat | null): Promise<void> {
    const { beats, hostId, onWritten } = this.ports
    if (beat) {
      const beganAt = this.now()
      await beats.write(place.root, beat)
      if (this.stopped) return
      place.writtenAt = Math.max(place.writtenAt, beganAt)
      onWritten({ uuid: place.uuid, shared: place.shared }, beganAt)
    }
    const all = await beats.read(place.root)
    if (this.stopped) return
    const now = this.now()
    place.readAt = now
    place.beats = all.filter((other) => other.hostId !== hostId)
    place.shared ||= place.beats.length > 0
    if (this.compare(place, now)) this.ports.lost?.()
  }

  /** Takes note of what has moved since the last look. Whether something that did has stood still since. */
  private compare({ beats, changed }: Place, now: number): boolean {
    let lost = false
    for (const { hostId, n } of beats) {
      const before = changed.get(hostId)
      // One that is seen for the first time may be old: it has to move to count as alive.
      if (!before) changed.set(hostId, { n, at: Number.NEGATIVE_INFINITY, still: true })
      else if (before.n !== n) changed.set(hostId, { n, at: now, still: false })
      else if (!before.still && now - before.at >= stillMs) {
        before.still = true
        lost = true
      }
    }
    return lost
  }

  private lookForDatastores(): void {
    const now = this.now()
    if (this.looking || now - this.lookedAt < lookForDatastoresMs) return
    this.looking = true
    this.lookedAt = now
    this.ports.hypervisor
      .datastores()
      .then(
        (found) => {
          for (const { uuid, name, path } of found) this.know(uuid, name, path)
        },
        // Those that are known go on; the next look is soon.
        () => {},
      )
      .finally(() => {
        this.looking = false
      })
  }

  /** One that is no longer reported stays: that it cannot be written is what control wants to know. */
  private know(uuid: string, name: string, root: string): void {
    const known = this.places.get(uuid)
    if (known) {
      known.root = root
      return
    }
    const never = Number.NEGATIVE_INFINITY
    this.places.set(uuid, {
      uuid,
      name,
      root,
      busy: null,
      writtenAt: never,
      readAt: never,
      beats: [],
      changed: new Map(),
      shared: false,
      trouble: null,
    })
  }

  private say(place: Place, trouble: string | null): void {
    if (this.stopped || place.trouble === trouble) return
    if (trouble === null) {
      this.ports.log.info(`datastore ${place.name} takes heartbeats again`)
      this.ports.onBack?.()
    } else if (place.trouble === null) {
      this.ports.log.warn(`datastore ${place.name} takes no heartbeat: ${trouble}`)
    }
    place.trouble = trouble
  }

  private now(): number {
    return this.ports.machine.uptimeMs()
  }
}

function brief(beat: Beat): Beat {
  return beat.alone ? beat : { ...beat, running: [] }
}

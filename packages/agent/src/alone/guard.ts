import type { Hypervisor } from '@drover/hypervisor'
import type { HostFacts } from '@drover/model'
import {
  type Beat,
  type Duties,
  dutiesSchema,
  type Heard,
  type Heartbeat,
  type LastWords,
} from '@drover/protocol'
import { within } from '../line/within'
import { Prober } from '../peers/prober'
import type { Beats, Clock, Journal, Log, Machine } from '../ports'
import { Running } from '../report/running'
import { StorageHeartbeats } from '../storage/heartbeats'
import { Contact } from './contact'
import { IsolationResponses } from './isolation'
import { Stopped } from './stopped'
import { feeds } from './watchdog'

const tickMs = 1_000
/** While alone: what was seen before that is not told of any more. */
const knownMs = 2 * tickMs
/** What runs changes seldom; while alone it is looked at every second. */
const lookMs = 3_000
/** As many as a heartbeat lists. */
const mostVms = 2_000
const key = 'duties'

export interface GuardPorts {
  hypervisor: Hypervisor
  beats: Beats
  machine: Machine
  clock: Clock
  journal: Journal
  log: Log
  hostId: string
  bootId: string
  /** False: this agent was told never to stop VMs by itself. */
  selfFences: boolean
  /** What control is to know of its lease has changed. */
  leaseChanged(): void
  /** A datastore that had gone is there again: control is to know what lies on it. */
  storageBack?(): void
  /** Another host has fallen silent, as far as this one can see: control is to know at once. */
  lost?(): void
}

/**
 * What a host does for high availability by itself: it writes heartbeats to its datastores, tries its peers, and keeps its
 * duties when it is alone. Without control and without any shared datastore for the lease time it stops every VM, hard,
 * until none runs (and no longer feeds its watchdog); without control only, its VMs get their isolation responses.
 */
export class Guard {
  readonly stopped: Stopped
  private readonly contact: Contact
  private readonly storage: StorageHeartbeats
  private readonly prober: Prober
  private readonly known: Running
  private readonly isolation: IsolationResponses
  private readonly stopping = new Set<string>()
  private duties: Duties | null = null
  /** As they are in the journal, which is what a next life holds itself to. */
  private written: Duties | null = null
  private over = false
  private times = 0
  private watched = false
  private ended = false
  private cancel = () => {}

  constructor(private readonly ports: GuardPorts) {
    this.contact = new Contact(ports, ports.bootId)
    this.prober = new Prober(ports)
    this.known = new Running(ports)
    this.stopped = new Stopped(ports)
    this.isolation = new IsolationResponses({ ...ports, stopped: this.stopped })
    this.storage = new StorageHeartbeats({
      ...ports,
      onWritten: (place, beganAt) => {
        if (this.counts(place)) this.contact.wrote(beganAt)
      },
      onBack: () => ports.storageBack?.(),
    })
  }

  /** Takes up the duties and the last contact of an earlier life. */
  async start(): Promise<void> {
    const entries = await this.ports.journal.read()
    const duties = dutiesSchema.safeParse(entries.find((entry) => entry.key === key)?.value)
    if (duties.success && duties.data.hostId === this.ports.hostId) {
      this.written = duties.data
      this.take(duties.data)
    }
    this.stopped.load(entries)
    await this.contact.load(entries)
    if (!this.ended) this.tick()
  }

  /** `release`: lets go of the watchdog, for nobody counts on this host stopping its VMs any more. */
  stop({ release = true } = {}): void {
    this.ended = true
    this.cancel()
    this.storage.stop()
    if (this.watched && release) this.ports.machine.watchdog?.close()
  }

  /** The VMs (uuids) that run here; null: that is not known. */
  get running(): string[] | null {
    return this.known.domains?.map(({ uuid }) => uuid).slice(0, mostVms) ?? null
  }

  /** No more duties: says so on every datastore, for so long. Whether one of those that renew the lease has taken it. */
  async leave(words: LastWords, forMs: number): Promise<boolean> {
    this.ended = true
    this.cancel()
    const beat = this.beat()
    if (!beat) return false
    let taken = false
    const written = this.storage.leave({ ...beat, goodbye: words }, (place) => {
      taken ||= this.counts(place)
    })
    await within(this.ports.clock, forMs, written, 'last heartbeats').catch(() => {})
    return taken
  }

  accept(duties: Duties): void {
    if (duties.hostId !== this.ports.hostId) return
    const before = JSON.stringify(this.lease)
    this.take(duties)
    this.ports.journal
      .put(key, duties)
      .then(() => {
        this.written = duties
        if (JSON.stringify(this.lease) !== before) this.ports.leaseChanged()
      })
      .catch((error) => {
        this.ports.log.warn(`the duties cannot be written down: ${String(error)}`)
      })
  }

  /** The lease that control may count on: what was taken up but is not written down yet ends with this life. */
  get lease(): NonNullable<HostFacts['selfFence']>['lease'] {
    const { leaseMs = null, datastores = null } = this.written ?? {}
    if (!this.ports.selfFences || this.duties?.leaseMs == null || leaseMs === null || !datastores) return null
    return { ms: leaseMs, datastores }
  }

  sentHeartbeat(n: number): void {
    this.contact.sentHeartbeat(n)
  }

  heard({ n, renews }: Heard): void {
    this.contact.heard(n, renews)
    if (!this.contact.alone) this.isolation.reset()
  }

  /** How often it has stopped everything. Control may count on it: what was to be started before that must not run after. */
  get fencings(): number {
    return this.times
  }

  /** Its part of a heartbeat to control. */
  report(): Pick<Heartbeat, 'storage' | 'peers'> {
    return { storage: this.storage.report(), peers: this.prober.report() }
  }

  /** Whether a heartbeat there renews the lease: others can read it. */
  private counts({ uuid, shared }: { uuid: string; shared: boolean }): boolean {
    return this.duties?.datastores?.includes(uuid) ?? shared
  }

  private take(duties: Duties): void {
    this.duties = duties
    this.prober.use(duties.peers)
  }

  private tick(): void {
    if (this.ended) return
    this.cancel = this.ports.clock.setTimer(tickMs, () => this.tick())
    const { contact, known } = this
    const leaseMs = this.ports.selfFences ? (this.duties?.leaseMs ?? null) : null
    contact.tick()
    this.setOver(leaseMs !== null && contact.isOver(leaseMs))
    this.feed(leaseMs)
    if (this.over || contact.alone || known.ageMs >= lookMs) known.look(() => this.act())
    this.act()
    this.storage.tick(this.beat())
    this.prober.tick()
  }

  /** Null before the hypervisor has spoken once: "nothing runs here" would be a guess. */
  private beat(): Beat | null {
    const { hostId, bootId, machine } = this.ports
    const { running } = this
    if (!running) return null
    return {
      hostId,
      bootId,
      // Grows also across restarts of the agent.
      n: Math.floor(machine.uptimeMs()),
      alone: this.contact.alone,
      // While alone others start VMs on what this says: what was seen before the host stood still says nothing.
      running: this.contact.alone && this.known.oldMs > knownMs ? null : running,
    }
  }

  private act(): void {
    if (this.ended) return
    const { duties } = this
    const active = this.known.domains ?? []
    if (this.over) this.stopAll(active.map(({ uuid }) => uuid))
    else if (duties && this.isIsolated(duties.isolationMs)) this.isolation.respond(duties.isolation, active)
    else this.stopped.run(active.map(({ uuid }) => uuid))
  }

  /**
   * Cut off, and not control gone: then every host of the cluster would switch its VMs off at once. Those who write to the
   * same datastores know whether control is there; where there is nobody to read, whether anybody answers.
   */
  private isIsolated(isolationMs: number): boolean {
    if (this.contact.withoutControlMs < isolationMs || !this.storage.works) return false
    const others = this.storage.alive()
    return others.length > 0 ? others.some(({ alone }) => !alone) : this.prober.anyone !== true
  }

  private setOver(over: boolean): void {
    if (over === this.over) return
    this.over = over
    if (over) this.times++
    const { log } = this.ports
    if (!over) log.warn('in contact again; nothing is stopped any more')
    else log.error('neither control nor shared storage for the lease time: stops every VM, hard')
  }

  private stopAll(uuids: string[]): void {
    const { hypervisor, log } = this.ports
    this.stopped.note(uuids, 'selfFence')
    for (const uuid of uuids) {
      if (this.stopping.has(uuid)) continue
      this.stopping.add(uuid)
      hypervisor
        .stop(uuid)
        .catch((error) => log.error(`${uuid} cannot be stopped: ${String(error)}`))
        .finally(() => this.stopping.delete(uuid))
    }
  }

  private feed(leaseMs: number | null): void {
    const { watchdog } = this.ports.machine
    if (!watchdog) return
    const { over, known, contact } = this
    if (leaseMs === null) {
      if (this.watched) watchdog.close()
      this.watched = false
    } else if (feeds({ over, alone: contact.alone, hypervisorSilentMs: known.ageMs })) {
      watchdog.feed()
      this.watched = true
    }
  }
}

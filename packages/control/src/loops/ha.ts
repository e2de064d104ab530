import {
  type Decide,
  decideAlarms,
  decideClean,
  decideHa,
  decideMendRules,
  decideRecover,
  decideUnplugged,
  haIsDue,
} from '@drover/engine'
import type { ClusterId, Host, HostId, TableName, World } from '@drover/model'
import type { Batch } from '@drover/store'
import { countAfresh, liveOf } from '../hosts/live'
import type { Clock, Log } from '../ports'
import type { Writer } from '../writer/writer'

const tickMs = 500
/**
 * While a few hosts have just fallen silent: evidence of them comes in at any moment, and their VMs wait for it. A look costs
 * little then; when many are silent it does not, and nothing hangs on a tenth of a second.
 */
const eagerMs = 100
const eagerForMs = 15_000
const fewSilent = 4
/** A tick that comes this late (or early: the clock was set back) means that control itself stood still: it heard nobody, and nobody is to blame. */
const stallMs = 1_000
/** What agents get to find a new leader before their silence counts. */
const findLeaderMs = 10_000
/** How often the reference addresses are tried while somebody is silent, and else. */
const referencesMs = 3_000
const referencesCalmMs = 30_000
const referenceTimeoutMs = 2_000
/** However little changes, restarts are looked at this often: backoff, tiers that became ready, room that came back. */
const recoverMs = 1_000
/** How often rules are mended and alarms raised and cleared. */
const slowMs = 2_000
/** How often what is dear to find out is looked for: the failures that a cluster would not survive. */
const thoroughMs = 30_000

/** How often a host that has lost a datastore is asked whether it has it again. */
const lookAgainMs = 5_000

/** The tables whose changes may call for something. */
const reads = new Set<TableName>(['host', 'vm', 'task', 'cluster', 'rule', 'fence', 'incident'])

export interface HaPorts {
  world: World
  writer: Writer
  clock: Clock
  log: Log
  reaches(address: string, timeoutMs: number): Promise<boolean>
  /** Has the fence devices of a silent host asked for its power. */
  watch(hostId: HostId): void
  /** Has the agent of a host say all that it sees. */
  askReport(hostId: HostId): void
}

/**
 * Watches over the hosts. Takes no input: woken by the clock and by commits that touch what it reads, it looks at the
 * world and proposes what follows. It notices when control itself stood still or has lost its own network, so that
 * nobody else is blamed for it.
 */
export class HaLoop {
  #stopTimer: () => void = () => {}
  #stopped = false
  /** When the clock is to wake it next, and how long it was set for. */
  #dueAt: number
  #everyMs = tickMs
  #proposing = false
  #woken = false
  #recoveredAt = 0
  #slowAt = 0
  #thoroughAt = 0
  /** Rows changed since restarts were last looked at. */
  #changed = true
  /** Something changed while a decision was on its way. */
  #again = false
  readonly #triedAt = new Map<ClusterId, number>()
  readonly #trying = new Set<ClusterId>()

  constructor(private readonly ports: HaPorts) {
    const { world, clock } = ports
    const now = clock.now()
    this.#dueAt = now + tickMs
    world.self.startedAt = now
    for (const host of world.tables.host.values()) liveOf(world, host.id, now).heardAt = now + findLeaderMs
    this.#schedule()
  }

  stop(): void {
    this.#stopped = true
    this.#stopTimer()
  }

  committed({ rows }: Batch): void {
    if (!rows.some(({ table }) => reads.has(table))) return
    this.#changed = true
    // One that is suspect from now on is asked for at once, and looked at often.
    if (rows.some(({ table, row }) => table === 'host' && (row as Host | null)?.state === 'suspect')) {
      this.#watch()
      const leftMs = this.#dueAt - this.ports.clock.now()
      // One that is overdue is to find out that control stood still.
      if (leftMs > eagerMs && leftMs <= this.#everyMs) this.#schedule()
    }
    this.#wake()
  }

  #schedule(): void {
    const { clock } = this.ports
    this.#stopTimer()
    this.#everyMs = this.#isEager ? eagerMs : tickMs
    this.#dueAt = clock.now() + this.#everyMs
    this.#stopTimer = clock.setTimer(this.#everyMs, () => {
      this.#tick()
      this.#schedule()
    })
  }

  get #isEager(): boolean {
    const now = this.ports.clock.now()
    let suspect = 0
    let young = false
    for (const { state, stateSince } of this.ports.world.tables.host.values()) {
      if (state !== 'suspect') continue
      suspect += 1
      young ||= now - stateSince < eagerForMs
    }
    return young && suspect <= fewSilent
  }

  #tick(): void {
    const { world, clock, log } = this.ports
    const now = clock.now()
    const lateMs = now - this.#dueAt
    if (Math.abs(lateMs) > stallMs) {
      log.warn('control stood still, or its clock jumped; silence is counted afresh', { lateMs })
      world.self.stalledAt = now
      countAfresh(world, now, findLeaderMs)
      return
    }
    this.#tryReferences(now)
    this.#watch()
    for (const host of world.tables.host.values()) if (this.#misses(host, now)) this.ports.askReport(host.id)
    this.#look()
  }

  /** Has the devices of silent hosts asked; they are not asked again before it is time. */
  #watch(): void {
    for (const { id, state } of this.ports.world.tables.host.values())
      if (state === 'suspect' || state === 'unwatched' || state === 'isolated') this.ports.watch(id)
  }

  /** Whether a host may have found a datastore again that it had lost, and has not said so for a while. */
  #misses(host: Host, now: number): boolean {
    if (host.state !== 'connected' || !host.datastores.some(({ lostAt }) => lostAt !== undefined))
      return false
    const reportedAt = this.ports.world.live.get(host.id)?.reportedAt
    return typeof reportedAt === 'number' && now - reportedAt >= lookAgainMs
  }

  #wake(): void {
    if (this.#woken || this.#stopped) return
    this.#woken = true
    queueMicrotask(() => {
      this.#woken = false
      if (!this.#stopped) this.#look()
    })
  }

  #look(): void {
    const { world, writer, clock, log } = this.ports
    // A commit may wake it before the tick that finds out that control stood still.
    if (Math.abs(clock.now() - this.#dueAt) > tickMs + stallMs) return
    if (this.#proposing) {
      this.#again = true
      return
    }
    const decisions: Decide<unknown>[] = []
    if (haIsDue(world, clock.now())) decisions.push(decideHa)
    if (this.#recoverIsDue) decisions.push(decideUnplugged, decideRecover, decideClean)
    if (this.#slowIsDue) decisions.push(decideMendRules, this.#alarms)
    if (decisions.length === 0) return
    this.#proposing = true
    this.#changed = false
    Promise.all(
      decisions.map((decide) =>
        writer
          .propose({ kind: 'drover' }, decide)
          .catch((error: unknown) => log.error('high availability failed', { error: String(error) })),
      ),
    ).finally(() => {
      this.#proposing = false
      if (this.#again) this.#wake()
      this.#again = false
    })
  }

  /** Restarts follow from rows, and some of them from time. */
  get #recoverIsDue(): boolean {
    const now = this.ports.clock.now()
    const due = this.#changed || now - this.#recoveredAt >= recoverMs
    if (due) this.#recoveredAt = now
    return due
  }

  /** Some conditions take a look at every possible failure: those are looked for less often. */
  get #alarms(): Decide<unknown> {
    const now = this.ports.clock.now()
    const thorough = now - this.#thoroughAt >= thoroughMs
    if (thorough) this.#thoroughAt = now
    return (world, ctx) => decideAlarms(world, ctx, { thorough })
  }

  /** What can wait for some seconds, and takes a look at everything. */
  get #slowIsDue(): boolean {
    const now = this.ports.clock.now()
    const due = now - this.#slowAt >= slowMs
    if (due) this.#slowAt = now
    return due
  }

  /** A control daemon that reaches none of its reference addresses is itself cut off. */
  #tryReferences(now: number): void {
    const { world, reaches, clock } = this.ports
    for (const { id, ha } of world.tables.cluster.values()) {
      if (ha.referenceAddresses.length === 0) {
        world.self.referencesLostAt.delete(id)
        continue
      }
      const every = this.#someSilent(id, ha.suspectMs, now) ? referencesMs : referencesCalmMs
      if (this.#trying.has(id) || now - (this.#triedAt.get(id) ?? 0) < every) continue
      this.#triedAt.set(id, now)
      this.#trying.add(id)
      void Promise.all(ha.referenceAddresses.map((address) => reaches(address, referenceTimeoutMs))).then(
        (answers) => {
          this.#trying.delete(id)
          const { referencesLostAt } = world.self
          if (answers.includes(true)) referencesLostAt.delete(id)
          else if (!referencesLostAt.has(id)) referencesLostAt.set(id, clock.now())
        },
      )
    }
  }

  /** By what is heard as well: while the database is away no row says that a host is suspect. */
  #someSilent(clusterId: ClusterId, suspectMs: number, now: number): boolean {
    const { tables, live } = this.ports.world
    for (const { id, clusterId: of, state } of tables.host.values()) {
      if (of !== clusterId) continue
      if (state === 'suspect' || state === 'isolated' || state === 'fencing') return true
      if (state === 'connected' && now - (live.get(id)?.heardAt ?? now) > suspectMs) return true
    }
    return false
  }
}

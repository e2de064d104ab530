import type { Event, Incident, LoadDecision, Task } from '@drover/model'
import { isOpen, isOpenDecision, pageOf, rememberedMs, type Tables, tableNames } from '@drover/model'
import {
  type Batch,
  type Counters,
  type DecisionQuery,
  Deposed,
  type EventQuery,
  type IncidentQuery,
  type Leadership,
  type Store,
  StoreAway,
  type TaskQuery,
} from '../port'
import { MemoryUsage } from '../usage/memory'
import { matches } from './query'
import { checkReferences } from './references'

/** Time for the lease, and for the latency of every call. */
export interface MemoryClock {
  now(): number
  setTimer(ms: number, run: () => void): () => void
}

/** What a fault does to the next commit: nothing of it happens, or all of it happens and the answer is lost. */
export type CommitFault = 'lost' | 'done-unanswered'

interface Kept {
  tables: { [T in keyof Tables]: Map<string, string> }
  events: string[]
  counters: Counters
  term: number
  holder: string | null
  expiresAt: number
}

/**
 * The store of the simulation and of tests: the semantics of the PostgreSQL adapter, in memory, deterministic. Rows
 * are kept as JSON, so that nothing is shared with the world. It outlives daemons as a database does: give the same
 * one to each.
 */
export class MemoryStore implements Store {
  /** Every call fails with `StoreAway` until it is false again. */
  away = false
  /** How long every call takes. */
  latencyMs = 0
  /** Taken by the next commit. */
  commitFault: CommitFault | null = null
  readonly usage = new MemoryUsage({
    reach: () => this.#reach(),
    check: ({ term, daemon }) => {
      if (this.#kept.term !== term || this.#kept.holder !== daemon) throw new Deposed(term)
    },
  })
  readonly #clock: MemoryClock
  readonly #uuids = new Map<string, string>()
  readonly #busyVms = new Map<string, string>()
  readonly #kept: Kept = {
    tables: Object.fromEntries(tableNames.map((name) => [name, new Map()])) as unknown as Kept['tables'],
    events: [],
    counters: { seq: 0, hash: '0'.repeat(64), batch: 0, nextIds: {} },
    term: 0,
    holder: null,
    expiresAt: 0,
  }

  constructor(clock: MemoryClock) {
    this.#clock = clock
  }

  async lead(daemon: string, leaseMs: number): Promise<Leadership | null> {
    await this.#reach()
    const kept = this.#kept
    const now = this.#clock.now()
    const mine = kept.holder === daemon
    if (!mine && kept.holder !== null && kept.expiresAt > now) return null
    if (!mine) kept.term += 1
    kept.holder = daemon
    kept.expiresAt = now + leaseMs
    return { term: kept.term, holder: daemon, remainingMs: leaseMs }
  }

  async resign(daemon: string, term: number): Promise<void> {
    await this.#reach()
    if (this.#kept.holder === daemon && this.#kept.term === term) this.#kept.holder = null
  }

  async load(): Promise<{ tables: { [T in keyof Tables]: Tables[T][] }; counters: Counters }> {
    await this.#reach()
    const tables = Object.fromEntries(
      tableNames.map((name) => [name, [...this.#kept.tables[name].values()].map((row) => JSON.parse(row))]),
    ) as { [T in keyof Tables]: Tables[T][] }
    const ended = tables.task.filter((task) => !isOpen(task)).sort(newestFirst)
    const recent = new Set(ended.slice(0, recentTasks))
    tables.task = tables.task.filter((task) => isOpen(task) || recent.has(task))
    const { incident, alarm, decision } = tables
    tables.incident = newest(
      incident,
      ({ state }) => state === 'open',
      (row) => row.openedAt,
      recentIncidents,
    )
    tables.alarm = newest(
      alarm,
      ({ clearedAt }) => clearedAt === null,
      (row) => row.raisedAt,
      recentAlarms,
    )
    const goneBy = goneByIn(tables)
    tables.decision = newest(
      decision,
      (row) => isOpenDecision(row) || goneBy(row),
      ({ at }) => at,
      recentDecisions,
    )
    return { tables, counters: structuredClone(this.#kept.counters) }
  }

  async commit(batch: Batch): Promise<void> {
    const fault = this.commitFault
    this.commitFault = null
    await this.#reach()
    if (fault === 'lost') throw new StoreAway('the line broke before the commit', true)
    this.#write(batch)
    if (fault === 'done-unanswered') throw new StoreAway('the line broke after the commit', true)
  }

  #write(batch: Batch): void {
    const kept = this.#kept
    if (kept.term !== batch.term || kept.holder !== batch.daemon || kept.counters.batch !== batch.number - 1)
      throw new Deposed(batch.term)
    checkReferences(kept.tables, batch)
    this.#checkConstraints(batch)
    for (const { table, id, row, fields } of batch.rows)
      if (row && fields && !kept.tables[table].has(id))
        throw new Error(`1 of 1 rows of ${table} to be changed are not there`)
    for (const event of batch.events) kept.events.push(JSON.stringify(event))
    for (const { table, id, row, fields } of batch.rows) {
      if (row === null) kept.tables[table].delete(id)
      else kept.tables[table].set(id, JSON.stringify(fields ? this.#changed(table, id, row, fields) : row))
    }
    kept.counters = structuredClone(batch.counters)
  }

  /** Only the fields that are named are taken over, as in PostgreSQL. */
  #changed(table: keyof Tables, id: string, row: object, fields: readonly string[]): object {
    const kept = JSON.parse(this.#kept.tables[table].get(id)!) as Record<string, unknown>
    for (const field of fields) kept[field] = (row as Record<string, unknown>)[field]
    return kept
  }

  /** What PostgreSQL's unique indexes refuse: two VMs with one uuid, two open tasks on one VM. */
  #checkConstraints(batch: Batch): void {
    const accept: (() => void)[] = []
    for (const [table, keyOf, owners] of [
      ['vm', vmKey, this.#uuids],
      ['task', taskKey, this.#busyVms],
    ] as const) {
      const writes = batch.rows.filter((write) => write.table === table)
      const after = new Map(writes.map((write) => [write.id, write.row ? keyOf(write.row) : null]))
      const taken = new Map<string, string>()
      for (const [id, key] of after) {
        if (key === null) continue
        const owner = taken.get(key) ?? owners.get(key)
        const stays = owner !== undefined && (!after.has(owner) || after.get(owner) === key)
        if (stays && owner !== id)
          throw new Error(`unique constraint on ${table}: ${owner} and ${id} both have ${key}`)
        taken.set(key, id)
      }
      accept.push(() => {
        for (const [key, id] of owners) if (after.has(id)) owners.delete(key)
        for (const [id, key] of after) if (key !== null) owners.set(key, id)
      })
    }
    // Only when every table has agreed: a refused batch leaves nothing behind.
    for (const take of accept) take()
  }

  async lastBatch(): Promise<{ number: number; term: number }> {
    await this.#reach()
    return { number: this.#kept.counters.batch, term: this.#kept.term }
  }

  async events(query: EventQuery): Promise<Event[]> {
    await this.#reach()
    const found: Event[] = []
    const count = this.#kept.events.length
    for (let i = 0; i < count && found.length < query.limit; i += 1) {
      const event = JSON.parse(this.#kept.events[query.ascending ? i : count - 1 - i]!) as Event
      if (matches(event, query)) found.push(event)
    }
    return found
  }

  async tasks(query: TaskQuery): Promise<Task[]> {
    await this.#reach()
    const tasks = [...this.#kept.tables.task.values()]
      .map((row) => JSON.parse(row) as Task)
      .filter(
        (task) =>
          !isOpen(task) &&
          (!query.taskId || task.id === query.taskId) &&
          (!query.vmId || task.vmId === query.vmId) &&
          (!query.hostId || task.hostIds.some((id) => id === query.hostId)) &&
          (!query.clusterId || task.clusterId === query.clusterId) &&
          (query.beforeAt === undefined || task.createdAt < query.beforeAt),
      )
      .sort(newestFirst)
    return pageOf(tasks, query.limit, ({ createdAt }) => createdAt)
  }

  async incidents(query: IncidentQuery): Promise<Incident[]> {
    await this.#reach()
    const incidents = [...this.#kept.tables.incident.values()]
      .map((row) => JSON.parse(row) as Incident)
      .filter(
        (incident) =>
          (!query.incidentId || incident.id === query.incidentId) &&
          (!query.clusterId || incident.clusterId === query.clusterId) &&
          (!query.hostId || incident.host?.id === query.hostId) &&
          (query.beforeAt === undefined || incident.openedAt < query.beforeAt),
      )
      .sort((a, b) => b.openedAt - a.openedAt || numberOf(b.id) - numberOf(a.id))
    return pageOf(incidents, query.limit, ({ openedAt }) => openedAt)
  }

  async decisions(query: DecisionQuery): Promise<LoadDecision[]> {
    await this.#reach()
    const decisions = [...this.#kept.tables.decision.values()]
      .map((row) => JSON.parse(row) as LoadDecision)
      .filter(
        (row) =>
          (!query.decisionId || row.id === query.decisionId) &&
          (!query.clusterId || row.clusterId === query.clusterId) &&
          (!query.open || isOpenDecision(row)) &&
          (query.beforeAt === undefined || row.at < query.beforeAt),
      )
      .sort((a, b) => b.at - a.at || numberOf(b.id) - numberOf(a.id))
      .map((row) => (query.decisionId ? row : { ...row, inputs: '' }))
    return pageOf(decisions, query.limit, ({ at }) => at)
  }

  async close(): Promise<void> {}

  async #reach(): Promise<void> {
    if (this.latencyMs > 0)
      await new Promise<void>((resolve) => this.#clock.setTimer(this.latencyMs, resolve))
    if (this.away) throw new StoreAway('the database does not answer', false)
  }
}

/** Ended tasks that a daemon holds in its world; older ones are asked of the store. */
export const recentTasks = 200
/** The same of closed incidents and cleared alarms. */
export const recentIncidents = 200
export const recentAlarms = 200
/** The same of decisions about load, which are large; those that rules still count come besides. */
export const recentDecisions = 100

/** Whether rules still count a decision that has ended, by when the last one did: no clock is asked. */
function goneByIn({
  cluster,
  threshold,
  decision,
}: { [T in 'cluster' | 'threshold' | 'decision']: Tables[T][] }): (row: LoadDecision) => boolean {
  const endOf = ({ endedAt, at }: LoadDecision) => endedAt ?? at
  const last = decision.reduce((latest, row) => Math.max(latest, endOf(row)), 0)
  return (row) => {
    const own = cluster.find(({ id }) => id === row.clusterId)
    const rules = threshold.filter(({ clusterId }) => clusterId === row.clusterId)
    return last - endOf(row) < rememberedMs(own ?? {}, rules)
  }
}

/** Those that are open, and the newest of the others; in the order they came in. */
function newest<R extends { id: string }>(
  rows: R[],
  isOpenRow: (row: R) => boolean,
  at: (row: R) => number,
  keep: number,
): R[] {
  const past = rows
    .filter((row) => !isOpenRow(row))
    .sort((a, b) => at(b) - at(a) || numberOf(b.id) - numberOf(a.id))
  const kept = new Set(past.slice(0, keep))
  return rows.filter((row) => isOpenRow(row) || kept.has(row))
}

function numberOf(id: string): number {
  return Number(id.slice(id.lastIndexOf('-') + 1))
}

function newestFirst(a: Task, b: Task): number {
  return b.createdAt - a.createdAt || Number(b.id.slice(5)) - Number(a.id.slice(5))
}

function vmKey(row: object): string | null {
  return (row as Tables['vm']).uuid
}

function taskKey(row: object): string | null {
  const task = row as Task
  return isOpen(task) ? task.vmId : null
}

import { type Event, type TableName, type Tables, type Task, tableNames } from '@drover/model'
import { recentAlarms, recentDecisions, recentIncidents, recentTasks } from '../memory/memory'
import type { Counters, DecisionQuery, EventQuery, IncidentQuery, Store, TaskQuery } from '../port'
import { type EventRow, eventOf, rowsOf, selectEvent, selectOf } from './columns'
import { type Database, type Session, together } from './database'

/** For everything at once: tens of thousands of rows. */
const loadMs = 60_000
/** For a search in history. */
const searchMs = 10_000

const isOpen = `state IN ('queued', 'running', 'cancelling')`
const isOpenDecision = `state IN ('open', 'running')`
/** Whether rules still count a decision that has ended, by when the last one did; `rememberedMs` of the model says how long. */
const isGoneBy = `coalesce(decision.ended_at, decision.at) > (SELECT max(coalesce(ended_at, at)) FROM decision) - greatest(
  interval '1 hour',
  (SELECT (balance->>'cooldownMs')::float8 FROM cluster WHERE cluster.id = decision.cluster_id) * interval '1 ms',
  (SELECT max(cooldown_ms) FROM threshold WHERE threshold.cluster_id = decision.cluster_id) * interval '1 ms')`
const newestFirst = 'ORDER BY created_at DESC, substr(id, 6)::bigint DESC'

/** Every row of the world and the counters, as one batch left them. */
export function load(database: Database): ReturnType<Store['load']> {
  return database.transaction(
    async (session) => {
      const read = async <T extends TableName>(table: T) =>
        rowsOf(table, (await session.query(loading(table))).rows)
      const [counters, ...tables] = await together([
        session.query<Counters>('SELECT seq, hash, batch, next_ids AS "nextIds" FROM ledger'),
        ...tableNames.map(read),
      ])
      return {
        counters: counters.rows[0] as Counters,
        tables: Object.fromEntries(tableNames.map((table, i) => [table, tables[i]])) as {
          [T in TableName]: Tables[T][]
        },
      }
    },
    { deadlineMs: loadMs, readOnly: true },
  )
}

function loading(table: TableName): string {
  const select = `SELECT ${selectOf(table)} FROM "${table}"`
  const past = pastOf[table]
  if (!past) return `${select} ORDER BY length(id), id`
  const { open, order, keep } = past
  return `${select} WHERE ${open} UNION ALL (${select} WHERE NOT (${open}) ${order} LIMIT ${keep})`
}

/** Tables of which the world holds only what is open and the newest of the rest. */
const pastOf: Partial<Record<TableName, { open: string; order: string; keep: number }>> = {
  task: { open: isOpen, order: newestFirst, keep: recentTasks },
  incident: {
    open: `state = 'open'`,
    order: 'ORDER BY opened_at DESC, length(id) DESC, id DESC',
    keep: recentIncidents,
  },
  alarm: {
    open: 'cleared_at IS NULL',
    order: 'ORDER BY raised_at DESC, length(id) DESC, id DESC',
    keep: recentAlarms,
  },
  decision: {
    open: `(${isOpenDecision} OR ${isGoneBy})`,
    order: 'ORDER BY at DESC, length(id) DESC, id DESC',
    keep: recentDecisions,
  },
}

/** Waits for a commit that is under way (its row is locked), so that the answer stays true. */
export function lastBatch(database: Database): Promise<{ number: number; term: number }> {
  return database.run(async (session) => {
    const { rows } = await session.query<{ number: number; term: number }>(
      'SELECT batch AS number, term FROM ledger FOR SHARE',
    )
    return rows[0] as { number: number; term: number }
  })
}

/** History; `matches` in memory/query.ts says the same in TypeScript. */
export async function events(database: Database, query: EventQuery): Promise<Event[]> {
  const filter = new Filter()
  if (query.subjects?.length) filter.add('subjects && ?::text[]', query.subjects)
  if (query.kinds?.length) filter.add('kind = ANY (?::text[])', query.kinds)
  if (query.severities?.length) filter.add('severity = ANY (?::text[])', query.severities)
  if (query.initiator) filter.add('initiator_name = ?', query.initiator)
  if (query.text) filter.add('text ILIKE ?', `%${query.text.replace(/[\\%_]/g, '\\$&')}%`)
  if (query.fromAt !== undefined) filter.add('at >= ?::timestamptz', instant(query.fromAt))
  if (query.toAt !== undefined) filter.add('at <= ?::timestamptz', instant(query.toAt))
  if (query.afterSeq !== undefined) filter.add('seq > ?', query.afterSeq)
  if (query.beforeSeq !== undefined) filter.add('seq < ?', query.beforeSeq)
  const order = query.ascending ? 'seq ASC' : 'seq DESC'
  const rows = await search<EventRow>(
    database,
    `SELECT ${selectEvent} FROM event ${filter.where} ORDER BY ${order} LIMIT ${filter.value(query.limit)}`,
    filter.values,
  )
  return rows.map(eventOf)
}

/** Ended tasks, newest first. */
export async function tasks(database: Database, query: TaskQuery): Promise<Task[]> {
  const filter = new Filter(`NOT ${isOpen}`)
  if (query.taskId) filter.add('id = ?', query.taskId)
  if (query.vmId) filter.add('vm_id = ?', query.vmId)
  if (query.hostId) filter.add('host_ids @> ?::text[]', [query.hostId])
  if (query.clusterId) filter.add('cluster_id = ?', query.clusterId)
  if (query.beforeAt !== undefined) filter.add('created_at < ?::timestamptz', instant(query.beforeAt))
  const rows = await search(
    database,
    paged(selectOf('task'), 'task', 'created_at', filter, query.limit),
    filter.values,
  )
  return rowsOf('task', rows)
}

/** Incidents, newest first. */
export async function incidents(database: Database, query: IncidentQuery): Promise<Tables['incident'][]> {
  const filter = new Filter()
  if (query.incidentId) filter.add('id = ?', query.incidentId)
  if (query.clusterId) filter.add('cluster_id = ?', query.clusterId)
  if (query.hostId) filter.add(`host->>'id' = ?`, query.hostId)
  if (query.beforeAt !== undefined) filter.add('opened_at < ?::timestamptz', instant(query.beforeAt))
  const rows = await search(
    database,
    paged(selectOf('incident'), 'incident', 'opened_at', filter, query.limit),
    filter.values,
  )
  return rowsOf('incident', rows)
}

/** Decisions about load, newest first; what they were made from is large, and read for one only. */
export async function decisions(database: Database, query: DecisionQuery): Promise<Tables['decision'][]> {
  const filter = new Filter()
  if (query.decisionId) filter.add('id = ?', query.decisionId)
  if (query.clusterId) filter.add('cluster_id = ?', query.clusterId)
  if (query.open) filter.add(`${isOpenDecision} AND ?`, true)
  if (query.beforeAt !== undefined) filter.add('at < ?::timestamptz', instant(query.beforeAt))
  const select = query.decisionId
    ? selectOf('decision')
    : selectOf('decision').replace('"inputs" AS "inputs"', `'' AS "inputs"`)
  const rows = await search(database, paged(select, 'decision', 'at', filter, query.limit), filter.values)
  return rowsOf('decision', rows)
}

/** Rows newest first: the page that `pageOf` of the model makes, which parts no rows of one moment. */
function paged(select: string, table: TableName, at: string, filter: Filter, limit: number): string {
  const page = `SELECT id FROM ${table} ${filter.where} ORDER BY ${at} DESC FETCH FIRST (${filter.value(limit)}) ROWS WITH TIES`
  return `SELECT ${select} FROM ${table} WHERE id IN (${page}) ORDER BY ${at} DESC, length(id) DESC, id DESC`
}

/** A read that PostgreSQL gives up by itself, so that a search nobody waits for any more does not go on. */
function search<Row extends object>(database: Database, text: string, values: unknown[]): Promise<Row[]> {
  return database.transaction(
    async (session: Session) => {
      const [, { rows }] = await together([
        session.query(`SET LOCAL statement_timeout = ${searchMs}`),
        session.query<Row>(text, values),
      ])
      return rows
    },
    { deadlineMs: searchMs, readOnly: true },
  )
}

/** Conditions joined by AND, and the values they refer to. */
class Filter {
  readonly values: unknown[] = []
  readonly #conditions: string[]

  constructor(...conditions: string[]) {
    this.#conditions = conditions
  }

  /** Adds a condition; the one `?` in it stands for the value. */
  add(condition: string, value: unknown): void {
    this.#conditions.push(condition.replace('?', () => this.value(value)))
  }

  /** A placeholder for the value. */
  value(value: unknown): string {
    this.values.push(value)
    return `$${this.values.length}`
  }

  get where(): string {
    return this.#conditions.length > 0 ? `WHERE ${this.#conditions.join(' AND ')}` : ''
  }
}

/** Epoch milliseconds as PostgreSQL reads them; what lies outside the calendar becomes its first or last moment. */
function instant(at: number): string {
  const first = Date.UTC(1, 0) // of the year 1901: nothing here is older
  const last = Date.UTC(9999, 11, 31, 23, 59, 59, 999)
  return new Date(Math.min(Math.max(at, first), last)).toISOString()
}

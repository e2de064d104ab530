import { type Event, sayHistory, type TableName, type Tables, tableNames } from '@drover/model'
import { initiatorName } from '../memory/query'
import type { Column, ColumnType } from '../postgres/bulk'

/** How a field of a row is kept. `optional`: where the column is NULL, the row has no such field. */
type Kept = ColumnType | { optional: ColumnType }

/** Every field of every durable noun. The column's name is the field's, in snake case; prisma/schema.prisma agrees. */
const kept: { [T in TableName]: { [F in keyof Required<Tables[T]>]: Kept } } = {
  datacenter: { id: 'text', name: 'text' },
  cluster: {
    id: 'text',
    datacenterId: 'text',
    name: 'text',
    migrationLimits: 'jsonb',
    ha: 'jsonb',
    balance: { optional: 'jsonb' },
    power: { optional: 'jsonb' },
  },
  host: {
    id: 'text',
    clusterId: 'text',
    name: 'text',
    address: 'text',
    state: 'text',
    stateSince: 'timestamptz',
    mode: 'text',
    modeReason: 'text',
    publicKey: 'text',
    facts: 'jsonb',
    datastores: 'jsonb',
    networks: 'text[]',
    enrolledAt: 'timestamptz',
    proof: 'jsonb',
    incidentId: 'text',
    lostAt: 'jsonb',
    quarantinedUntil: 'timestamptz',
    held: 'jsonb',
    standby: { optional: 'jsonb' },
    wake: { optional: 'jsonb' },
    powerModel: { optional: 'jsonb' },
    leftovers: { optional: 'jsonb' },
  },
  vm: {
    id: 'text',
    clusterId: 'text',
    hostId: 'text',
    name: 'text',
    uuid: 'text',
    power: 'text',
    powerSince: 'timestamptz',
    powerReason: 'text',
    vcpus: 'int',
    memoryBytes: 'bigint',
    disks: 'jsonb',
    nics: 'jsonb',
    strayDisks: { optional: 'jsonb' },
    bound: { optional: 'text' },
    alsoOn: { optional: 'jsonb' },
    staleOn: { optional: 'jsonb' },
    desired: 'text',
    ha: 'jsonb',
    recovery: 'jsonb',
    homeId: 'text',
    automation: { optional: 'text' },
    notes: 'text',
    tags: 'text[]',
    createdAt: 'timestamptz',
  },
  definition: { id: 'text', version: 'int', format: 'text', text: 'text', sha256: 'text' },
  datastore: {
    id: 'text',
    datacenterId: 'text',
    name: 'text',
    uuid: 'text',
    capacityBytes: 'bigint',
    freeBytes: 'bigint',
    images: 'jsonb',
  },
  network: { id: 'text', datacenterId: 'text', name: 'text' },
  task: {
    id: 'text',
    kind: 'text',
    params: 'jsonb',
    vmId: 'text',
    vmName: 'text',
    host: 'jsonb',
    parentId: 'text',
    clusterId: 'text',
    hostIds: 'text[]',
    networkIds: 'text[]',
    datastoreIds: 'text[]',
    state: 'text',
    initiator: 'jsonb',
    reason: 'text',
    steps: 'jsonb',
    commands: 'int',
    command: 'jsonb',
    result: 'jsonb',
    memo: 'jsonb',
    waiting: 'jsonb',
    outcome: 'jsonb',
    createdAt: 'timestamptz',
    startedAt: 'timestamptz',
    endedAt: 'timestamptz',
    wakeAt: 'timestamptz',
  },
  token: {
    id: 'text',
    clusterId: 'text',
    secretSha256: 'text',
    createdBy: 'text',
    createdAt: 'timestamptz',
    expiresAt: 'timestamptz',
    usedAt: 'timestamptz',
    usedByHostId: 'text',
  },
  rule: {
    id: 'text',
    clusterId: 'text',
    name: 'text',
    kind: 'text',
    relation: 'text',
    strict: 'boolean',
    vmIds: 'text[]',
    hosts: 'jsonb',
    enabled: 'boolean',
    version: 'int',
    createdAt: 'timestamptz',
  },
  fence: {
    id: 'text',
    hostId: 'text',
    name: 'text',
    level: 'int',
    agent: 'text',
    params: 'jsonb',
    sealed: 'jsonb',
    viaHostId: 'text',
    delayMs: 'int',
    retries: 'int',
    timeoutMs: 'int',
    enabled: 'boolean',
    lastTest: 'jsonb',
  },
  incident: {
    id: 'text',
    clusterId: 'text',
    kind: 'text',
    host: 'jsonb',
    datastore: 'jsonb',
    title: 'text',
    state: 'text',
    openedAt: 'timestamptz',
    closedAt: 'timestamptz',
    finding: 'text',
    evidence: 'jsonb',
    decision: 'text',
    proof: 'jsonb',
    marks: 'jsonb',
    vms: 'jsonb',
  },
  alarm: {
    id: 'text',
    clusterId: 'text',
    about: 'jsonb',
    code: 'text',
    severity: 'text',
    text: 'text',
    raisedAt: 'timestamptz',
    clearedAt: 'timestamptz',
    acknowledgedBy: 'text',
  },
  threshold: {
    id: 'text',
    clusterId: 'text',
    name: 'text',
    metric: 'text',
    above: 'double precision',
    forMs: 'int',
    until: 'double precision',
    tags: 'text[]',
    hostIds: 'text[]',
    windows: 'jsonb',
    cooldownMs: 'int',
    budget: 'jsonb',
    minGain: 'double precision',
    automation: 'text',
    enabled: 'boolean',
    aboveSince: 'jsonb',
    version: 'int',
    createdAt: 'timestamptz',
  },
  decision: {
    id: 'text',
    clusterId: 'text',
    by: 'jsonb',
    automatic: 'boolean',
    state: 'text',
    person: 'text',
    at: 'timestamptz',
    endedAt: 'timestamptz',
    text: 'text',
    before: 'jsonb',
    after: 'jsonb',
    hosts: 'jsonb',
    moves: 'jsonb',
    power: 'jsonb',
    inputs: 'text',
  },
  shadow: {
    id: 'text',
    clusterId: 'text',
    name: 'text',
    rules: 'jsonb',
    since: 'timestamptz',
    memory: 'jsonb',
    days: 'jsonb',
    createdBy: 'text',
  },
}

const snake = (field: string) => field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

interface Shape {
  /** For writing. */
  columns: Column<object>[]
  /** For reading: every column under its field's name. */
  select: string
  optional: string[]
}

function shapeOf(fields: Record<string, Kept>): Shape {
  const entries = Object.entries(fields)
  return {
    columns: entries.map(([field, how]) => ({
      name: snake(field),
      type: typeof how === 'string' ? how : how.optional,
      value: (row) => (row as Record<string, unknown>)[field],
    })),
    select: entries.map(([field]) => `"${snake(field)}" AS "${field}"`).join(', '),
    optional: entries.filter(([, how]) => typeof how !== 'string').map(([field]) => field),
  }
}

const shapes = Object.fromEntries(tableNames.map((table) => [table, shapeOf(kept[table])])) as Record<
  TableName,
  Shape
>

/** The columns of a table, for `upsertRows`; of these fields and the id alone, for `updateRows`. */
export function columnsOf(table: TableName, fields?: ReadonlySet<string>): Column<object>[] {
  const { columns } = shapes[table]
  if (!fields) return columns
  const names = new Set([...fields, 'id'].map(snake))
  return columns.filter(({ name }) => names.has(name))
}

/** What to put after SELECT to read rows of a table with `rowsOf`. */
export const selectOf = (table: TableName): string => shapes[table].select

/** Rows as they were committed. */
export function rowsOf<T extends TableName>(table: T, rows: object[]): Tables[T][] {
  for (const field of shapes[table].optional)
    for (const row of rows as Record<string, unknown>[]) if (row[field] === null) delete row[field]
  return rows as Tables[T][]
}

/** The columns of history, for `insertRows`. */
export const eventColumns: Column<Event>[] = [
  { name: 'seq', type: 'bigint' },
  { name: 'at', type: 'timestamptz' },
  { name: 'kind', type: 'text', value: (event) => event.body.kind },
  { name: 'severity', type: 'text' },
  { name: 'initiator_kind', type: 'text', value: (event) => event.initiator.kind },
  { name: 'initiator_id', type: 'text', value: ({ initiator }) => ('id' in initiator ? initiator.id : null) },
  { name: 'initiator_name', type: 'text', value: (event) => initiatorName(event.initiator) },
  { name: 'task_id', type: 'text', value: (event) => event.taskId },
  { name: 'subjects', type: 'text[]' },
  { name: 'reason', type: 'text' },
  { name: 'text', type: 'text', value: sayHistory },
  { name: 'body', type: 'jsonb' },
  { name: 'rows', type: 'jsonb' },
  { name: 'hash', type: 'text' },
]

/** A line of history as it is read. */
export interface EventRow extends Omit<Event, 'initiator'> {
  initiatorKind: Event['initiator']['kind']
  initiatorId: string | null
  initiatorName: string
}

/** What to put after SELECT to read events with `eventOf`. */
export const selectEvent = `seq, at, severity, subjects, reason, body, rows, hash, task_id AS "taskId",
  initiator_kind AS "initiatorKind", initiator_id AS "initiatorId", initiator_name AS "initiatorName"`

/** An event as it was committed. */
export function eventOf({ initiatorKind, initiatorId, initiatorName, ...event }: EventRow): Event {
  const initiator =
    initiatorKind === 'user'
      ? { kind: initiatorKind, id: initiatorId ?? '', name: initiatorName }
      : { kind: initiatorKind }
  return { ...event, initiator }
}

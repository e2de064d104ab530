import type { Alarm } from '../alarm/alarm'
import type { Cluster, Datacenter, JoinToken } from '../cluster/cluster'
import type { Datastore, Network } from '../datastore/datastore'
import type { FenceDevice } from '../fence/device'
import type { Host } from '../host/host'
import type { Incident } from '../incident/incident'
import type { LoadDecision } from '../load/decision'
import type { ShadowSet } from '../load/shadow'
import type { ThresholdRule } from '../load/threshold'
import type { Rule } from '../rule/rule'
import type { Task } from '../task/task'
import type { Vm, VmDefinition } from '../vm/vm'

/** The durable nouns. A row is replaced, never changed in place. */
export interface Tables {
  datacenter: Datacenter
  cluster: Cluster
  host: Host
  vm: Vm
  definition: VmDefinition
  datastore: Datastore
  network: Network
  task: Task
  token: JoinToken
  rule: Rule
  fence: FenceDevice
  incident: Incident
  alarm: Alarm
  threshold: ThresholdRule
  decision: LoadDecision
  shadow: ShadowSet
}

export type TableName = keyof Tables

export const tableNames = [
  'datacenter',
  'cluster',
  'host',
  'vm',
  'definition',
  'datastore',
  'network',
  'task',
  'token',
  'rule',
  'fence',
  'incident',
  'alarm',
  'threshold',
  'decision',
  'shadow',
] as const satisfies readonly TableName[]

/** A row's new contents, or its deletion (`null`). */
export type RowWrite = { [T in TableName]: { table: T; id: string; row: Tables[T] | null } }[TableName]

/** What an event changed: the fields that differ (`set`), or that the row is gone (`null`). */
export interface RowChange {
  table: TableName
  id: string
  set: Record<string, unknown> | null
  /** Fields that the row no longer has; absent: none. */
  gone?: string[]
}

/**
 * The fields of `next` that differ from `previous` (all of them for a new row), and those that it lacks; compared as JSON, in
 * which a field without a value is none. Null: they are alike.
 */
export function difference(
  previous: object | undefined,
  next: object,
): { set: Record<string, unknown>; gone?: string[] } | null {
  if (!previous) return { set: { ...next } }
  const before = previous as Record<string, unknown>
  const after = next as Record<string, unknown>
  const set: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(after)) {
    if (value === undefined) continue
    if (before[key] !== value && JSON.stringify(before[key]) !== JSON.stringify(value)) set[key] = value
  }
  const gone = Object.keys(before).filter((key) => before[key] !== undefined && after[key] === undefined)
  if (gone.length > 0) return { set, gone }
  return Object.keys(set).length > 0 ? { set } : null
}

/** A row with a change applied; `undefined` when the change deletes it. */
export function patched<R extends object>(
  previous: R | undefined,
  { set, gone = [] }: Pick<RowChange, 'set' | 'gone'>,
): R | undefined {
  if (set === null) return undefined
  const row = { ...previous, ...set } as Record<string, unknown>
  for (const field of gone) delete row[field]
  return row as R
}

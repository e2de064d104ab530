import type { HostId, TaskId, VmId } from '../id'
import { isOpen, type Progress } from '../task/task'
import { type TableName, type Tables, tableNames } from './tables'
import type { HostUsage, VmUsage } from './usage'

/** One VM as one host's agent last described it. `incoming`: a migration's target side; it does not run. */
export interface Sighting {
  state: 'off' | 'running' | 'paused' | 'crashed' | 'incoming'
  reason: string | null
  /** Whether the hypervisor is moving it, and which way. */
  moving: 'out' | 'in' | null
  /** When this agent first said so, and when it last did; by control's clock. */
  sinceAt: number
  seenAt: number
}

/** What is known and not durable: heartbeats, usage, progress. Lost at a restart, and learnt again within seconds. */
export interface HostLive {
  /** By control's clock, at arrival. */
  heardAt: number
  /** When the agent's line of now brought its first full report; null until then: what the host runs is not known. */
  reportedAt: number | null
  usage: HostUsage | null
  /** By VM uuid, as of the last heartbeat. */
  vms: Map<string, VmUsage>
  /** By VM uuid: all that the agent sees. */
  seen: Map<string, Sighting>
}

/** Ways to find rows other than by id; kept by `setRow`. */
export interface WorldIndex {
  vmByUuid: Map<string, VmId>
  vmsByHost: Map<HostId, Set<VmId>>
  openTasks: Set<TaskId>
  openTaskByVm: Map<VmId, TaskId>
  openTasksByHost: Map<HostId, Set<TaskId>>
}

/** Everything Drover knows. Only the writer changes the tables (by `setRow`); engine and readers look. */
export interface World {
  tables: { [T in TableName]: Map<string, Tables[T]> }
  index: WorldIndex
  live: Map<HostId, HostLive>
  progress: Map<TaskId, Progress>
}

/** A world with nothing in it. */
export function emptyWorld(): World {
  const tables = Object.fromEntries(tableNames.map((name) => [name, new Map()])) as unknown as World['tables']
  const index: WorldIndex = {
    vmByUuid: new Map(),
    vmsByHost: new Map(),
    openTasks: new Set(),
    openTaskByVm: new Map(),
    openTasksByHost: new Map(),
  }
  return { tables, index, live: new Map(), progress: new Map() }
}

/** Puts a row into the world, or takes it out (`null`), and keeps the index right. */
export function setRow<T extends TableName>(world: World, table: T, id: string, row: Tables[T] | null): void {
  const rows = world.tables[table] as Map<string, Tables[T]>
  const previous = rows.get(id)
  if (previous) reindex(world.index, table, previous, false)
  if (row === null) rows.delete(id)
  else {
    rows.set(id, row)
    reindex(world.index, table, row, true)
  }
}

function reindex(index: WorldIndex, table: TableName, row: object, present: boolean): void {
  if (table === 'vm') {
    const vm = row as Tables['vm']
    if (present) index.vmByUuid.set(vm.uuid, vm.id)
    else index.vmByUuid.delete(vm.uuid)
    member(index.vmsByHost, vm.hostId, vm.id, present)
  } else if (table === 'task') {
    const task = row as Tables['task']
    if (!isOpen(task)) return
    if (present) index.openTasks.add(task.id)
    else index.openTasks.delete(task.id)
    if (task.vmId && present) index.openTaskByVm.set(task.vmId, task.id)
    else if (task.vmId) index.openTaskByVm.delete(task.vmId)
    for (const hostId of task.hostIds) member(index.openTasksByHost, hostId, task.id, present)
  }
}

function member<K, V>(sets: Map<K, Set<V>>, key: K, value: V, present: boolean): void {
  const set = sets.get(key)
  if (present) {
    if (set) set.add(value)
    else sets.set(key, new Set([value]))
  } else if (set?.delete(value) && set.size === 0) sets.delete(key)
}

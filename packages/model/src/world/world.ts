import type { PowerState } from '../fence/device'
import type { Goodbye } from '../host/host'
import type { AlarmId, ClusterId, FenceId, HostId, IncidentId, RuleId, TaskId, VmId } from '../id'
import type { Demand } from '../load/usage'
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
  /** By datastore uuid: what this agent last said of it as a place for heartbeats. */
  storage: Map<string, StorageView>
  /** By host: when this agent last told of a heartbeat of that host that had moved; it outlives what `storage` forgets. */
  signs?: Map<HostId, number>
  /** Hosts that this agent tried to reach. */
  reaches: Map<HostId, Reach>
  /** What its fence devices last said of its power. */
  power: PowerSaid | null
}

/** Whether a host answered another one. Times are control's, less the age that the other one gives. */
export interface Reach {
  ok: boolean
  /** When it answered, or when the try began that it did not answer. */
  at: number
  /** When it last answered. */
  okAt?: number
}

/** What the fence devices of a silent host say of its power. */
export interface PowerSaid {
  state: PowerState
  at: number
  /** They were asked then: what was seen of the host after that is news to them. */
  askedAt: number
  /** When they were first asked of those times since which nothing but "off" came from them; null: "on" was last. */
  offSince: number | null
  text: string
}

/** One agent's view of a datastore as a place for heartbeats. Times are control's. */
export interface StorageView {
  /** Its own heartbeat was written. */
  ok: boolean
  /** When it was told. */
  at: number
  /** When the heartbeats were read: at arrival, less the age that the reader gives. */
  readAt: number
  /** Since when it could not be; null while it can. */
  lostAt: number | null
  /** The heartbeats of others that it reads there. */
  beats: Map<HostId, Beat>
}

/** A host's heartbeat on a datastore, as somebody else reads it. */
export interface Beat {
  bootId: string
  n: number
  /** When this reader first read `n`; it has stood still since. */
  changedAt: number
  /** This reader has not seen it move yet: it may have been written long ago. */
  unmoved?: boolean
  /** The host says that it cannot reach control. */
  alone: boolean
  /** The VMs (uuids) that it says it runs; null: it does not know now. */
  running: string[] | null
  /** It is the last one of an agent that was stopped in an orderly way. */
  goodbye?: Pick<Goodbye, 'why' | 'goesDown'>
}

/** What control knows of itself. */
export interface SelfLive {
  /** When this leader began, and so began to listen. */
  startedAt: number
  /** The end of its last standstill. */
  stalledAt: number | null
  /** Since when none of a cluster's reference addresses has answered. */
  referencesLostAt: Map<ClusterId, number>
}

/** Ways to find rows other than by id; kept by `setRow`. */
export interface WorldIndex {
  vmByUuid: Map<string, VmId>
  vmsByHost: Map<HostId, Set<VmId>>
  openTasks: Set<TaskId>
  openTaskByVm: Map<VmId, TaskId>
  openTasksByHost: Map<HostId, Set<TaskId>>
  openTasksByParent: Map<TaskId, Set<TaskId>>
  fencesByHost: Map<HostId, Set<FenceId>>
  rulesByCluster: Map<ClusterId, Set<RuleId>>
  openIncidents: Set<IncidentId>
  openAlarms: Set<AlarmId>
}

/** Everything Drover knows. Only the writer changes the tables (by `setRow`); engine and readers look. */
export interface World {
  tables: { [T in TableName]: Map<string, Tables[T]> }
  index: WorldIndex
  live: Map<HostId, HostLive>
  self: SelfLive
  progress: Map<TaskId, Progress>
  /** By VM uuid: what it is expected to need, where somebody keeps count. */
  load?: Map<string, Demand>
}

/** What is known of a host that was just heard of. */
export function newHostLive(heardAt: number): HostLive {
  return {
    heardAt,
    reportedAt: null,
    usage: null,
    vms: new Map(),
    seen: new Map(),
    storage: new Map(),
    reaches: new Map(),
    power: null,
  }
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
    openTasksByParent: new Map(),
    fencesByHost: new Map(),
    rulesByCluster: new Map(),
    openIncidents: new Set(),
    openAlarms: new Set(),
  }
  const self: SelfLive = { startedAt: 0, stalledAt: null, referencesLostAt: new Map() }
  return { tables, index, live: new Map(), self, progress: new Map() }
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
    if (task.parentId) member(index.openTasksByParent, task.parentId, task.id, present)
  } else if (table === 'fence') {
    const device = row as Tables['fence']
    member(index.fencesByHost, device.hostId, device.id, present)
  } else if (table === 'rule') {
    const rule = row as Tables['rule']
    member(index.rulesByCluster, rule.clusterId, rule.id, present)
  } else if (table === 'incident') {
    const incident = row as Tables['incident']
    if (present && incident.state === 'open') index.openIncidents.add(incident.id)
    else index.openIncidents.delete(incident.id)
  } else if (table === 'alarm') {
    const alarm = row as Tables['alarm']
    if (present && alarm.clearedAt === null) index.openAlarms.add(alarm.id)
    else index.openAlarms.delete(alarm.id)
  }
}

function member<K, V>(sets: Map<K, Set<V>>, key: K, value: V, present: boolean): void {
  const set = sets.get(key)
  if (present) {
    if (set) set.add(value)
    else sets.set(key, new Set([value]))
  } else if (set?.delete(value) && set.size === 0) sets.delete(key)
}

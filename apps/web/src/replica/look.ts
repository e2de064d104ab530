import {
  type ClusterId,
  type HostId,
  isOpen,
  type ObjectId,
  type Task,
  type Vm,
  type VmId,
} from '@drover/model'
import type { Noun } from '../paths'
import { byName } from '../ui/table/column'
import type { ReplicaTables } from './replica'

/** A look-up table of one table, made once for as long as the table stays the same. */
function indexed<K, V, R>(
  name: keyof ReplicaTables,
  make: (rows: Iterable<R>) => Map<K, V>,
): (tables: ReplicaTables) => Map<K, V> {
  const made = new WeakMap<object, Map<K, V>>()
  return (tables) => {
    const table = tables[name]
    let index = made.get(table)
    if (!index) {
      index = make(table.values() as Iterable<R>)
      made.set(table, index)
    }
    return index
  }
}

function grouped<K, R extends { name: string }>(key: (row: R) => K) {
  return (rows: Iterable<R>): Map<K, R[]> => {
    const groups = new Map<K, R[]>()
    for (const row of rows) {
      const group = groups.get(key(row))
      if (group) group.push(row)
      else groups.set(key(row), [row])
    }
    for (const group of groups.values()) group.sort(byName)
    return groups
  }
}

export type Row<T extends keyof ReplicaTables> =
  ReplicaTables[T] extends ReadonlyMap<string, infer R> ? R : never

export const vmsByHost = indexed<HostId, Vm[], Vm>(
  'vm',
  grouped((vm) => vm.hostId),
)
export const vmsByCluster = indexed<ClusterId, Vm[], Vm>(
  'vm',
  grouped((vm) => vm.clusterId),
)
export const hostsByCluster = indexed<ClusterId, Row<'host'>[], Row<'host'>>(
  'host',
  grouped((host) => host.clusterId),
)
export const clustersByDatacenter = indexed<string, Row<'cluster'>[], Row<'cluster'>>(
  'cluster',
  grouped((cluster) => cluster.datacenterId),
)
export const datastoresByDatacenter = indexed<string, Row<'datastore'>[], Row<'datastore'>>(
  'datastore',
  grouped((datastore) => datastore.datacenterId),
)
export const networksByDatacenter = indexed<string, Row<'network'>[], Row<'network'>>(
  'network',
  grouped((network) => network.datacenterId),
)

/** The open task of each VM. */
export const openTaskByVm = indexed<VmId, Task, Task>('task', (tasks) => {
  const open = new Map<VmId, Task>()
  for (const task of tasks) if (task.vmId && isOpen(task)) open.set(task.vmId, task)
  return open
})

/** The open task about a host, if any; of several the one that is not a part of another. */
export function openTaskOfHost(tables: ReplicaTables, id: HostId): Task | undefined {
  const open = [...tables.task.values()].filter((task) => isOpen(task) && task.host?.id === id)
  return open.find((task) => task.parentId === null) ?? open[0]
}

/** The open tasks of a cluster. */
export function openTasksOfCluster(tables: ReplicaTables, id: ClusterId): Task[] {
  return [...tables.task.values()].filter((task) => isOpen(task) && task.clusterId === id)
}

/** Alarms of a place whose condition goes on, the worst and newest first. */
export function openAlarmsIn(tables: ReplicaTables, scope: Scope): Row<'alarm'>[] {
  return alarmsIn(tables, scope)
    .filter((alarm) => alarm.clearedAt === null)
    .sort((a, b) => rank(b) - rank(a) || b.raisedAt - a.raisedAt)
}

const rank = (alarm: Row<'alarm'>) =>
  (alarm.severity === 'error' ? 2 : 0) + (alarm.acknowledgedBy === null ? 1 : 0)

/** Every alarm of a place that the replica holds. */
export function alarmsIn(tables: ReplicaTables, scope: Scope): Row<'alarm'>[] {
  const all = [...tables.alarm.values()]
  if (scope.noun === 'root') return all
  if (scope.noun === 'cluster' || scope.noun === 'datacenter') {
    const clusters = new Set(clusterIdsOf(tables, scope))
    return all.filter((alarm) => clusters.has(alarm.clusterId))
  }
  return all.filter((alarm) => alarm.about.id === scope.id)
}

/** The rules of a cluster, by name. */
export function rulesIn(tables: ReplicaTables, scope: Scope): Row<'rule'>[] {
  return [...tables.rule.values()].filter((rule) => rule.clusterId === scope.id).sort(byName)
}

/** The thresholds of a cluster, by name. */
export function thresholdsIn(tables: ReplicaTables, clusterId: ClusterId): Row<'threshold'>[] {
  return [...tables.threshold.values()].filter((rule) => rule.clusterId === clusterId).sort(byName)
}

/** The rule set that decides beside the active one, if there is one. */
export function shadowOf(tables: ReplicaTables, clusterId: ClusterId): Row<'shadow'> | undefined {
  return [...tables.shadow.values()].find((shadow) => shadow.clusterId === clusterId)
}

/** The decisions of a place that the replica holds, newest first. */
export function decisionsIn(tables: ReplicaTables, scope: Scope): Row<'decision'>[] {
  const all = [...tables.decision.values()].sort((a, b) => b.at - a.at)
  if (scope.noun === 'root') return all
  const clusters = new Set(clusterIdsOf(tables, scope))
  return all.filter((decision) => clusters.has(decision.clusterId))
}

/** What is recommended for a place and waits for somebody to say so. */
export function recommendedIn(tables: ReplicaTables, scope: Scope): Row<'decision'>[] {
  return decisionsIn(tables, scope).filter((decision) => decision.state === 'open')
}

/** The hosts of a place that sleep, or are about to. */
export function asleepIn(tables: ReplicaTables, scope: Scope): Row<'host'>[] {
  return hostsIn(tables, scope).filter((host) => host.mode === 'standby')
}

/** The incidents of a place, newest first. */
export function incidentsIn(tables: ReplicaTables, scope: Scope): Row<'incident'>[] {
  const all = [...tables.incident.values()].sort((a, b) => b.openedAt - a.openedAt)
  if (scope.noun === 'root') return all
  if (scope.noun === 'host') return all.filter((incident) => incident.host?.id === scope.id)
  const clusters = new Set(clusterIdsOf(tables, scope))
  return all.filter((incident) => clusters.has(incident.clusterId))
}

/** One object, or everything (`root`), as the place that lists and tabs are about. */
export type Scope = { noun: 'root'; id: null } | { noun: Exclude<Noun, 'root'>; id: ObjectId }

function clusterIdsOf(tables: ReplicaTables, scope: Scope): ClusterId[] {
  if (scope.noun === 'root') return [...tables.cluster.keys()] as ClusterId[]
  if (scope.noun === 'cluster') return [scope.id as ClusterId]
  return (clustersByDatacenter(tables).get(scope.id) ?? []).map((cluster) => cluster.id)
}

/** The hosts of a place: in it, or that see it. */
export function hostsIn(tables: ReplicaTables, scope: Scope): Row<'host'>[] {
  const all = [...tables.host.values()].sort(byName)
  switch (scope.noun) {
    case 'host':
      return all.filter((host) => host.id === scope.id)
    case 'vm':
      return all.filter((host) => host.id === (tables.vm.get(scope.id) as Vm | undefined)?.hostId)
    case 'datastore':
      return all.filter((host) => host.datastores.some((mount) => mount.datastoreId === scope.id))
    case 'network':
      return all.filter((host) => host.networks.includes(scope.id as `network-${number}`))
    default:
      return clusterIdsOf(tables, scope).flatMap((id) => hostsByCluster(tables).get(id) ?? [])
  }
}

/** The VMs of a place: in it, on it, or using it. */
export function vmsIn(tables: ReplicaTables, scope: Scope): Vm[] {
  switch (scope.noun) {
    case 'vm':
      return [...tables.vm.values()].filter((vm) => vm.id === scope.id)
    case 'host':
      return vmsByHost(tables).get(scope.id as HostId) ?? []
    case 'datastore':
      return [...tables.vm.values()].filter((vm) => vm.disks.some((disk) => disk.datastoreId === scope.id))
    case 'network':
      return [...tables.vm.values()].filter((vm) => vm.nics.some((nic) => nic.networkId === scope.id))
    case 'root':
      return [...tables.vm.values()]
    default:
      return clusterIdsOf(tables, scope).flatMap((id) => vmsByCluster(tables).get(id) ?? [])
  }
}

/** The tasks of a place that the replica still holds, newest last. */
export function tasksIn(tables: ReplicaTables, scope: Scope): Task[] {
  const all = [...tables.task.values()]
  switch (scope.noun) {
    case 'root':
      return all
    case 'vm':
      return all.filter((task) => task.vmId === scope.id)
    case 'host':
      return all.filter((task) => task.hostIds.includes(scope.id as HostId))
    default: {
      const clusters = new Set(clusterIdsOf(tables, scope))
      return all.filter((task) => clusters.has(task.clusterId))
    }
  }
}

/** From the top down to the object itself: what the breadcrumb shows and the tree opens. */
export function pathOf(tables: ReplicaTables, id: ObjectId): { id: ObjectId; name: string }[] {
  const vm = tables.vm.get(id)
  const host = tables.host.get(vm?.hostId ?? id)
  const cluster = tables.cluster.get(vm?.clusterId ?? host?.clusterId ?? id)
  const store = tables.datastore.get(id) ?? tables.network.get(id)
  const datacenter = tables.datacenter.get(cluster?.datacenterId ?? store?.datacenterId ?? id)
  return [datacenter, cluster, host, vm, store].filter((object) => object !== undefined)
}

import {
  type Cluster,
  type Datastore,
  type DatastoreId,
  type Host,
  type HostId,
  type Network,
  type Ref,
  refOf,
  type Task,
  type Vm,
  type VmId,
  type World,
} from '@drover/model'

/** The host of an id that a row refers to. Rows refer only to hosts that exist. */
export function hostOf(world: World, id: HostId): Host {
  const host = world.tables.host.get(id)
  if (!host) throw new Error(`a row refers to ${id}, which does not exist`)
  return host
}

/** A host's reference; a removed host keeps its id for a name. */
export function hostRef(world: World, id: HostId): Ref<HostId> {
  const host = world.tables.host.get(id)
  return host ? refOf(host) : { id, name: id }
}

export function vmsOn(world: World, hostId: HostId): Vm[] {
  const ids = world.index.vmsByHost.get(hostId)
  return ids ? [...ids].map((id) => world.tables.vm.get(id)!) : []
}

/** Open tasks that occupy a host, oldest first. */
export function tasksOn(world: World, hostId: HostId): Task[] {
  return inOrder([...(world.index.openTasksByHost.get(hostId) ?? [])].map((id) => world.tables.task.get(id)!))
}

/** All open tasks, oldest first: the order of the queue. */
export function openTasks(world: World): Task[] {
  return inOrder([...world.index.openTasks].map((id) => world.tables.task.get(id)!))
}

/** The open task of a VM, if it has one. */
export function taskOf(world: World, vmId: VmId): Task | undefined {
  const id = world.index.openTaskByVm.get(vmId)
  return id && world.tables.task.get(id)
}

export function hostsOf(world: World, cluster: Pick<Cluster, 'id'>): Host[] {
  return [...world.tables.host.values()].filter((host) => host.clusterId === cluster.id)
}

/** Where a host has a datastore mounted; undefined when it has not. */
export function mountOf(host: Host, datastoreId: DatastoreId): string | undefined {
  return host.datastores.find((mount) => mount.datastoreId === datastoreId)?.path
}

/** A disk's absolute path on a host; undefined when the host does not have its datastore. */
export function pathOn(host: Host, disk: { datastoreId: DatastoreId; path: string }): string | undefined {
  const mount = mountOf(host, disk.datastoreId)
  return mount === undefined ? undefined : joinPath(mount, disk.path)
}

export function joinPath(root: string, path: string): string {
  return `${root.replace(/\/+$/, '')}/${path}`
}

export function datastoreRef(world: World, id: Datastore['id']): Ref<Datastore['id']> {
  return { id, name: world.tables.datastore.get(id)?.name ?? id }
}

export function networkRef(world: World, id: Network['id']): Ref<Network['id']> {
  return { id, name: world.tables.network.get(id)?.name ?? id }
}

/** The number of an id: `task-17` is 17. */
export function numberOf(id: string): number {
  return Number(id.slice(id.lastIndexOf('-') + 1))
}

function inOrder<R extends { id: string }>(rows: R[]): R[] {
  return rows.sort((a, b) => numberOf(a.id) - numberOf(b.id))
}

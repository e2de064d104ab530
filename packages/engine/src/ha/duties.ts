import type { Cluster, Datastore, DatastoreId, Host, HostId, Vm, World } from '@drover/model'
import type { Duties } from '@drover/protocol'
import { hostsOf, numberOf, vmsOn } from '../world/find'

/** So many hosts that can be heard try to reach each host. */
const watchersEach = 3

/** What every agent of a cluster has to do when it is alone, and whom it watches. By host. */
export function dutiesOf(world: World, cluster: Cluster): Map<HostId, Duties> {
  const hosts = hostsOf(world, cluster).sort((a, b) => numberOf(a.id) - numberOf(b.id))
  const watched = watchedBy(hosts)
  const shared = sharedDatastores(world)
  return new Map(
    hosts.map((host) => [host.id, dutiesOfHost(world, cluster, host, watched.get(host.id) ?? [], shared)]),
  )
}

/**
 * Who tries to reach whom: each host is watched by the next hosts in the ring that can be heard, so the work is the same
 * for everybody, and a host whose neighbours fell silent with it is still watched.
 */
export function watchedBy(ring: readonly Host[]): Map<HostId, Host[]> {
  const watched = new Map<HostId, Host[]>()
  for (const [at, host] of ring.entries()) {
    let found = 0
    for (let step = 1; step < ring.length && found < watchersEach; step += 1) {
      const watcher = ring[(at + step) % ring.length]!
      if (watcher.state !== 'connected') continue
      found += 1
      const those = watched.get(watcher.id)
      if (those) those.push(host)
      else watched.set(watcher.id, [host])
    }
  }
  return watched
}

function dutiesOfHost(
  world: World,
  { ha }: Cluster,
  host: Host,
  watched: Host[],
  all: Map<DatastoreId, Datastore>,
): Duties {
  const shared = host.datastores.flatMap(({ datastoreId }) => all.get(datastoreId) ?? [])
  const isolation: Duties['isolation'] = {}
  for (const vm of vmsOn(world, host.id)) {
    const response = responseOf(vm, ha.isolationResponse)
    if (response !== 'leave') isolation[vm.uuid] = response
  }
  // Without storage that others can take its VMs over from, stopping them would help nobody.
  const fences = host.facts?.selfFence && shared.length > 0 && ha.mode !== 'handsOff'
  return {
    hostId: host.id,
    leaseMs: fences ? ha.leaseMs : null,
    datastores: shared.map(({ uuid }) => uuid),
    isolationMs: ha.leaseMs,
    isolation,
    peers: watched.map(({ id, address }) => ({ hostId: id, address })),
  }
}

function responseOf(vm: Vm, ofCluster: 'leave' | 'shutdown' | 'powerOff') {
  return vm.ha.isolation ?? ofCluster
}

/** Datastores that more than one host has: where heartbeats can be read by others. */
export function sharedDatastores(world: World): Map<DatastoreId, Datastore> {
  const seen = new Set<DatastoreId>()
  const shared = new Map<DatastoreId, Datastore>()
  for (const host of world.tables.host.values())
    for (const { datastoreId } of host.datastores) {
      const datastore = seen.has(datastoreId) && world.tables.datastore.get(datastoreId)
      if (datastore) shared.set(datastoreId, datastore)
      seen.add(datastoreId)
    }
  return shared
}

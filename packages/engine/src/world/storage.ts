import { type DatastoreId, type Host, type Refusal, refOf, type World } from '@drover/model'
import { hostsOf } from './find'

/** Shorter than this is no loss: a slow write, or an agent that has just started and has not written yet. */
const flickerMs = 4_000

/** Since when a host that can be heard cannot get at a datastore that it has mounted; null while it can, or nobody knows. */
export function storageLostAt(world: World, host: Host, datastoreId: DatastoreId): number | null {
  const datastore = world.tables.datastore.get(datastoreId)
  if (!datastore || host.state !== 'connected') return null
  const missing = host.datastores.find((mount) => mount.datastoreId === datastoreId)?.lostAt
  if (missing !== undefined) return missing
  const view = world.live.get(host.id)?.storage.get(datastore.uuid)
  return view && view.lostAt !== null && view.at - view.lostAt >= flickerMs ? view.lostAt : null
}

/** Whether another host of the cluster gets at the datastore: then it is the host's way to it that is broken. */
export function isReachedElsewhere(world: World, host: Host, datastoreId: DatastoreId): boolean {
  const uuid = world.tables.datastore.get(datastoreId)?.uuid ?? ''
  return hostsOf(world, { id: host.clusterId }).some(
    (other) =>
      other.id !== host.id &&
      other.state === 'connected' &&
      world.live.get(other.id)?.storage.get(uuid)?.ok === true,
  )
}

/** The reason why a host cannot use a datastore now, if there is one. */
export function checkStorage(world: World, host: Host, datastoreId: DatastoreId): Refusal[] {
  const sinceAt = storageLostAt(world, host, datastoreId)
  if (sinceAt === null) return []
  const name = world.tables.datastore.get(datastoreId)?.name ?? datastoreId
  return [{ code: 'datastore_away', host: refOf(host), datastore: { id: datastoreId, name }, sinceAt }]
}

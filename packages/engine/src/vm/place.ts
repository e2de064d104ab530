import {
  type ClusterId,
  type DatastoreId,
  type Host,
  type NetworkId,
  type Placement,
  type Ref,
  type Refusal,
  refOf,
  type VmId,
  verdict,
  type World,
} from '@drover/model'
import { ghostsOn, uncleanOn } from '../recover/unclean'
import { datastoreRef, hostsOf, mountOf, networkRef, numberOf } from '../world/find'
import { freeMemoryBytes, freeSpaceBytes, mayOvercommit, usableMemoryBytes } from '../world/room'
import { checkListening } from './check'

/** A VM to be, as far as it matters where. */
export interface Wanted {
  clusterId: ClusterId
  name?: string
  vcpus: number
  memoryBytes: number
  image: { datastoreId: DatastoreId; path: string }
  datastoreId: DatastoreId | null
  diskBytes?: number | null
  networkId: NetworkId | null
}

/** Every host of the cluster as a place for a new VM: the best first, those that cannot take it last with every reason. */
export function placements(world: World, wanted: Wanted): Placement[] {
  return hostsOf(world, { id: wanted.clusterId })
    .map(
      (host): Placement => ({
        host: refOf(host),
        verdict: verdict(checkPlace(world, host, wanted)),
        cpu: world.live.get(host.id)?.usage?.cpu ?? null,
        memoryBytes: usableMemoryBytes(host),
        memoryFreeBytes: freeMemoryBytes(world, host),
      }),
    )
    .sort(byFit)
}

function checkPlace(world: World, host: Host, wanted: Wanted): Refusal[] {
  const vm: Ref<VmId> = { id: 'vm-0', name: wanted.name ?? 'the new VM' }
  const refusals = [...checkHost(world, host, vm, wanted)]
  const datastoreId = wanted.datastoreId ?? wanted.image.datastoreId
  for (const id of new Set([wanted.image.datastoreId, datastoreId]))
    if (mountOf(host, id) === undefined)
      refusals.push({ code: 'datastore_absent', host: refOf(host), datastore: datastoreRef(world, id) })
  const datastore = world.tables.datastore.get(datastoreId)
  const image = world.tables.datastore
    .get(wanted.image.datastoreId)
    ?.images.find(({ path }) => path === wanted.image.path)
  const neededBytes = wanted.diskBytes ?? image?.sizeBytes ?? 0
  if (datastore) {
    const freeBytes = freeSpaceBytes(world, datastore)
    if (neededBytes > freeBytes)
      refusals.push({ code: 'datastore_short', datastore: refOf(datastore), neededBytes, freeBytes })
  }
  if (wanted.networkId && !host.networks.includes(wanted.networkId))
    refusals.push({ code: 'network_absent', host: refOf(host), network: networkRef(world, wanted.networkId) })
  return refusals
}

/** Reasons why a host could not hold and run a VM of this size, wherever it comes from. */
export function checkHost(
  world: World,
  host: Host,
  vm: Ref<VmId>,
  size: { vcpus: number; memoryBytes: number },
  freeBytes = freeMemoryBytes(world, host),
): Refusal[] {
  const refusals = checkOpen(world, host)
  if (!host.facts) return refusals
  if (size.memoryBytes > freeBytes && !mayOvercommit(world, host.clusterId)) {
    const neededBytes = size.memoryBytes
    refusals.push({ code: 'memory_short', vm, host: refOf(host), neededBytes, freeBytes })
  }
  const { cores } = host.facts.cpu
  if (size.vcpus > cores)
    refusals.push({ code: 'too_many_vcpus', vm, host: refOf(host), vcpus: size.vcpus, cores })
  return refusals
}

/** Reasons why a host takes no VM at all, whichever. */
export function checkOpen(world: World, host: Host): Refusal[] {
  if (host.mode === 'standby') return [{ code: 'host_asleep', host: refOf(host), why: host.modeReason }]
  const refusals: Refusal[] = checkListening(host)
  if (host.mode !== 'normal')
    refusals.push({ code: 'host_maintenance', host: refOf(host), reason: host.modeReason })
  if (host.quarantinedUntil !== null)
    refusals.push({ code: 'host_quarantined', host: refOf(host), until: host.quarantinedUntil })
  const unclean = uncleanOn(world, host)
  if (unclean.length > 0) refusals.push({ code: 'host_unclean', host: refOf(host), vms: unclean })
  const ghosts = ghostsOn(world, host)
  if (ghosts.length > 0) refusals.push({ code: 'deleted_vms_run', host: refOf(host), vms: ghosts })
  return refusals
}

/** Memory before CPU: memory is what runs out; among hosts alike in it, the one with the idlest CPUs. */
export function byFit(
  a: Pick<Placement, 'host' | 'cpu' | 'memoryBytes' | 'memoryFreeBytes'> & { verdict?: Placement['verdict'] },
  b: typeof a,
): number {
  const ok = Number(b.verdict?.ok ?? true) - Number(a.verdict?.ok ?? true)
  const share = (x: typeof a) => (x.memoryBytes > 0 ? x.memoryFreeBytes / x.memoryBytes : -1)
  const memory = Math.round(share(b) * 20) - Math.round(share(a) * 20)
  const cpu = (a.cpu ?? 1) - (b.cpu ?? 1)
  return ok || memory || cpu || share(b) - share(a) || numberOf(a.host.id) - numberOf(b.host.id)
}

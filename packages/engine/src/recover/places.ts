import { type Host, type HostId, type Refusal, refOf, type Vm, type VmId, type World } from '@drover/model'
import { byFit, checkHost } from '../vm/place'
import { datastoreRef, hostsOf, mountOf, networkRef } from '../world/find'
import { freeMemoryBytes, usableMemoryBytes } from '../world/room'
import { uncleanOn } from './unclean'

export interface PlaceOpts {
  now: number
  /** Taken when it can be. */
  prefer?: ReadonlyMap<VmId, HostId>
  avoid?: ReadonlyMap<VmId, readonly HostId[]>
}

export type Places = Map<VmId, { hostId: HostId } | { refusals: Refusal[] }>

/** A host for each VM, in order, each seeing the memory that those before it will take. */
export function choosePlaces(world: World, vms: readonly Vm[], opts: PlaceOpts): Places {
  const places: Places = new Map()
  const hosts = new Map<string, { host: Host; free: number; unclean: Refusal[] }[]>()
  for (const vm of vms) {
    let all = hosts.get(vm.clusterId)
    if (!all) {
      all = hostsOf(world, { id: vm.clusterId }).map((host) => ({
        host,
        free: freeMemoryBytes(world, host),
        unclean: uncleanRefusals(world, host),
      }))
      hosts.set(vm.clusterId, all)
    }
    const prefer = opts.prefer?.get(vm.id)
    const refusals: Refusal[] = []
    const fits = all.filter(({ host, free, unclean }) => {
      if (opts.avoid?.get(vm.id)?.includes(host.id)) return false
      const against = [...checkPlace(world, vm, host, free), ...unclean]
      refusals.push(...against)
      return against.length === 0
    })
    const option = ({ host, free }: (typeof all)[number]) => ({
      host: refOf(host),
      cpu: null,
      memoryBytes: usableMemoryBytes(host),
      memoryFreeBytes: free,
    })
    const chosen =
      fits.find(({ host }) => host.id === prefer) ?? fits.sort((a, b) => byFit(option(a), option(b)))[0]
    if (chosen) chosen.free -= vm.memoryBytes
    places.set(vm.id, chosen ? { hostId: chosen.host.id } : { refusals })
  }
  return places
}

function checkPlace(world: World, vm: Vm, host: Host, free: number): Refusal[] {
  const refusals = checkHost(world, host, refOf(vm), vm, free)
  for (const { datastoreId } of vm.disks)
    if (mountOf(host, datastoreId) === undefined)
      refusals.push({
        code: 'datastore_absent',
        host: refOf(host),
        datastore: datastoreRef(world, datastoreId),
      })
  for (const { networkId } of vm.nics)
    if (!host.networks.includes(networkId))
      refusals.push({ code: 'network_absent', host: refOf(host), network: networkRef(world, networkId) })
  return refusals
}

function uncleanRefusals(world: World, host: Host): Refusal[] {
  const vms = uncleanOn(world, host)
  return vms.length > 0 ? [{ code: 'host_unclean', host: refOf(host), vms }] : []
}

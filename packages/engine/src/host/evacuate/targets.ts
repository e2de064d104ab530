import { type Host, type HostId, type Refusal, refOf, type Vm, type VmId, type World } from '@drover/model'
import { choosePlaces, type Place } from '../../plan/choosePlaces'
import { hostOf, hostsOf } from '../../world/find'
import { type Way, wayTo } from './route'

/** Where a VM goes, how and why; or every host with every reason why not. */
export type Chosen =
  | { ok: true; target: Host; way: Way; why: string }
  | { ok: false; refusals: Refusal[]; coldWould: boolean }

export interface ChooseOptions {
  /** VMs that run may be moved cold where nothing better goes. */
  cold: boolean
  /** Hosts that have failed a VM lately: taken only when no other will do. */
  avoid?: ReadonlyMap<VmId, readonly HostId[]>
  /** What was approved: there or nowhere. */
  wanted?: ReadonlyMap<VmId, HostId>
}

/**
 * Targets for VMs that have to leave `host`, chosen all together by the planner: rules hold, what belongs together goes
 * together, and no two are promised the same memory.
 */
export function chooseTargets(
  world: World,
  host: Host,
  vms: readonly Vm[],
  options: ChooseOptions,
): Map<VmId, Chosen> {
  const others = hostsOf(world, { id: host.clusterId }).filter(({ id }) => id !== host.id)
  const ways = new Map(vms.map((vm) => [vm.id, waysOf(world, vm, others, options.cold)]))
  let places = choose(world, host, vms, ways, options)
  if (options.avoid && vms.some((vm) => options.avoid?.get(vm.id)?.length && !placeOf(places, vm)))
    places = choose(world, host, vms, ways, { ...options, avoid: new Map() })
  return new Map(vms.map((vm) => [vm.id, chosen(world, vm, places.get(vm.id), ways.get(vm.id)!)]))
}

function waysOf(world: World, vm: Vm, others: readonly Host[], cold: boolean): Map<HostId, Way> {
  return new Map(others.map((other) => [other.id, wayTo(world, vm, other, cold)]))
}

function placeOf(places: ReadonlyMap<VmId, Place>, vm: Vm): HostId | null {
  const place = places.get(vm.id)
  return place && 'hostId' in place ? place.hostId : null
}

function choose(
  world: World,
  host: Host,
  vms: readonly Vm[],
  ways: ReadonlyMap<VmId, ReadonlyMap<HostId, Way>>,
  { cold, avoid, wanted }: ChooseOptions,
): Map<VmId, Place> {
  const exclude = new Map<VmId, Map<HostId, Refusal>>()
  for (const vm of vms) {
    const all = ways.get(vm.id)!
    const kept = new Map<HostId, Refusal>()
    const goesLive = [...all.values()].some(({ method }) => method === 'live' || method === 'live-with-disks')
    for (const [id, way] of all) {
      const target = refOf(hostOf(world, id))
      const other: Refusal = { code: 'already_there', vm: refOf(vm), host: target }
      // Nobody is shut down for a host that another one can do without.
      if (goesLive && way.method === 'cold') kept.set(id, way.refusals[0] ?? other)
      if (way.about[0]) kept.set(id, way.about[0])
      if (avoid?.get(vm.id)?.includes(id)) kept.set(id, other)
      if (wanted?.has(vm.id) && wanted.get(vm.id) !== id) kept.set(id, other)
    }
    exclude.set(vm.id, kept)
  }
  return choosePlaces(world, vms, {
    purpose: cold ? 'anyhow' : 'migrate',
    avoid: new Set([host.id]),
    exclude,
    lean: () => null,
  })
}

function chosen(world: World, vm: Vm, place: Place | undefined, ways: ReadonlyMap<HostId, Way>): Chosen {
  const coldWould = [...ways.values()].some((way) => way.coldWould)
  const none: Refusal[] = [{ code: 'no_host_fits', vm: refOf(vm), hosts: [] }]
  if (!place || 'refusals' in place) return { ok: false, refusals: place?.refusals ?? none, coldWould }
  const way = ways.get(place.hostId)
  if (!way?.method) return { ok: false, refusals: way?.refusals ?? none, coldWould }
  return { ok: true, target: hostOf(world, place.hostId), way, why: place.why }
}

import type { HostId, Refusal, VmId, World } from '@drover/model'
import { choosePlaces, leanOf, type Place } from '../plan/choosePlaces'
import { hostRef } from '../world/find'
import type { Down } from './down'
import { failuresOf, nextPlace } from './retry'

/**
 * A place for each of these VMs of one cluster. One whose home can be heard comes up there where that is possible; one
 * whose starts have failed is tried elsewhere, and only where there is nothing else once more on a host that it failed on.
 */
export function places(world: World, down: readonly Down[]): Map<VmId, Place> {
  const leans = new Map<VmId, HostId | null>()
  const exclude = new Map<VmId, Map<HostId, Refusal>>()
  for (const one of down) {
    const { vm } = one
    const tried = vm.recovery?.tried ?? []
    const { stay, avoid } = nextPlace(vm.ha.retries, tried)
    leans.set(vm.id, stay ?? (avoid.length > 0 ? null : homeLean(world, one)))
    const failed = avoid.map((hostId): [HostId, Refusal] => {
      const last = `it failed on ${hostRef(world, hostId).name}.`
      return [
        hostId,
        { code: 'start_limit', vm: { id: vm.id, name: vm.name }, times: failuresOf(tried), last },
      ]
    })
    if (failed.length > 0) exclude.set(vm.id, new Map(failed))
  }
  const vms = down.map(({ vm }) => vm)
  const lean = ({ id }: { id: VmId }) => leans.get(id) ?? null
  const chosen = choosePlaces(world, vms, { purpose: 'restart', exclude, lean })
  const again = vms.filter((vm) => exclude.has(vm.id) && 'refusals' in chosen.get(vm.id)!)
  // They do not see what the others were just given: a restart checks its target again before it begins.
  if (again.length > 0)
    for (const [id, place] of choosePlaces(world, again, { purpose: 'restart', lean: () => null }))
      chosen.set(id, place)
  return chosen
}

/**
 * Its own host, when that can be heard, also when it was lost and is back before the VM was started elsewhere. A VM that
 * is only to be powered on may have been promised the best one.
 */
function homeLean(world: World, { vm, home, cause }: Down): HostId | null {
  if (home.state !== 'connected') return null
  const lost = vm.recovery?.cause === 'host_lost' || home.held !== null
  return cause === 'wanted' && !lost ? leanOf(world, vm) : home.id
}

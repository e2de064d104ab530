import { type HostId, refOf, type VmId, type World } from '@drover/model'
import type { Down } from './down'
import { choosePlaces, type Places } from './places'
import { nextPlace } from './retry'

/**
 * A place for each of these, in order. A VM whose home can be heard comes up there where that is possible; one whose
 * starts have failed is tried elsewhere, and only where there is nothing else once more on a host that it failed on.
 */
export function places(world: World, down: readonly Down[], now: number): Places {
  const prefer = new Map<VmId, HostId>()
  const avoid = new Map<VmId, HostId[]>()
  for (const { vm, home } of down) {
    const next = nextPlace(vm.ha.retries, vm.recovery?.tried ?? [])
    const stay = next.stay ?? (next.avoid.length === 0 && home.state === 'connected' ? home.id : null)
    if (stay) prefer.set(vm.id, stay)
    if (next.avoid.length > 0) avoid.set(vm.id, next.avoid)
  }
  const vms = down.map(({ vm }) => vm)
  const chosen = choosePlaces(world, vms, { now, prefer, avoid })
  const again = vms.filter((vm) => avoid.has(vm.id) && 'refusals' in (chosen.get(vm.id) ?? {}))
  // They are chosen without what the others were just given: a restart checks its target again before it begins.
  if (again.length > 0) for (const [id, place] of choosePlaces(world, again, { now })) chosen.set(id, place)
  for (const { vm, home } of down) {
    const place = chosen.get(vm.id)
    const [path] = vm.strayDisks ?? []
    // Only its home has a disk that is on no datastore.
    if (path !== undefined && place && 'hostId' in place && place.hostId !== home.id)
      chosen.set(vm.id, { refusals: [{ code: 'disk_outside', vm: refOf(vm), host: refOf(home), path }] })
  }
  return chosen
}

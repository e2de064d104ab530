import { type Host, type Ref, refOf, type VmId, type World } from '@drover/model'
import { type Left, leftAt } from './leftover'

/** VMs that live elsewhere now, or were deleted, of which this host still has a definition: it gets no VMs while there are any. */
export function uncleanOn(world: World, host: Pick<Host, 'id'>): Ref[] {
  const unclean: Ref[] = []
  for (const uuid of world.live.get(host.id)?.seen.keys() ?? []) {
    const vm = world.tables.vm.get(world.index.vmByUuid.get(uuid) ?? 'vm-0')
    if (vm && vm.hostId !== host.id && vm.staleOn?.includes(host.id)) unclean.push(refOf(vm))
  }
  return [...unclean, ...leftOn(world, host, ['defined', 'later'])]
}

/** Deleted VMs that run on this host all the same. Nobody stops them but a person: what is in their memory may be all there is. */
export function ghostsOn(world: World, host: Pick<Host, 'id'>): Ref<VmId>[] {
  return leftOn(world, host, ['runs'])
}

function leftOn(world: World, { id }: Pick<Host, 'id'>, which: readonly Left[]): Ref<VmId>[] {
  const host = world.tables.host.get(id)
  const seen = world.live.get(id)?.seen
  return (host?.leftovers ?? [])
    .filter((left) => seen?.has(left.uuid) && which.includes(leftAt(world, host!, left)))
    .map(refOf)
}

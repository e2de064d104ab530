import { type Host, type Ref, refOf, type World } from '@drover/model'

/** VMs that live elsewhere now and of which this host still has a definition: it gets no VMs while there are any. */
export function uncleanOn(world: World, host: Pick<Host, 'id'>): Ref[] {
  const unclean: Ref[] = []
  for (const uuid of world.live.get(host.id)?.seen.keys() ?? []) {
    const vm = world.tables.vm.get(world.index.vmByUuid.get(uuid) ?? 'vm-0')
    if (vm && vm.hostId !== host.id && vm.staleOn?.includes(host.id)) unclean.push(refOf(vm))
  }
  return unclean
}

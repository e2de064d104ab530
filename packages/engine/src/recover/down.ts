import { type ClusterId, type Host, isActive, type Recovery, type Vm, type World } from '@drover/model'
import { hasLetGo } from './source'

/** A VM that should run and does not, as far as is known. */
export interface Down {
  vm: Vm
  home: Host
  cause: Recovery['cause']
}

export interface Found {
  down: Map<ClusterId, Down[]>
  /** Runs, and does not count as ready yet. */
  settling: Map<ClusterId, Vm[]>
  /** Runs, and may be brought back to where it belongs. */
  movable: Map<ClusterId, Vm[]>
  /** Has a recovery that is over. */
  over: Vm[]
}

/** Whether high availability brings this VM back when it is down. */
export function isWanted(vm: Vm): boolean {
  return vm.desired === 'running' && vm.ha.restart !== 'none'
}

/** Looks at every VM once. */
export function findDown(world: World, now: number): Found {
  const found: Found = { down: new Map(), settling: new Map(), movable: new Map(), over: [] }
  for (const vm of world.tables.vm.values()) {
    const home = world.tables.host.get(vm.hostId)
    if (!home) continue
    const active = isActive(vm) && home.state !== 'fenced'
    const down = !active || (home.state === 'isolated' && hasLetGo(world, vm, home, now))
    if (down && isWanted(vm)) add(found.down, vm.clusterId, { vm, home, cause: causeOf(vm, home) })
    else if (vm.recovery && (!isWanted(vm) || isBack(world, vm, home))) found.over.push(vm)
    if (down) continue
    if (vm.ha.readyMs > 0 && now - vm.powerSince < vm.ha.readyMs) add(found.settling, vm.clusterId, vm)
    if (vm.ha.failback && home.state === 'connected') add(found.movable, vm.clusterId, vm)
  }
  return found
}

/** Its own restart says itself when it is done. */
function isBack(world: World, vm: Vm, home: Host): boolean {
  if (!isActive(vm) || home.state !== 'connected') return false
  const id = world.index.openTaskByVm.get(vm.id)
  return id === undefined || world.tables.task.get(id)?.kind !== 'vm.restart'
}

function causeOf(vm: Vm, home: Host): Recovery['cause'] {
  if (home.state === 'fenced' || home.state === 'isolated') return 'host_lost'
  if (vm.power === 'crashed') return 'crashed'
  return home.incidentId ? 'host_lost' : 'wanted'
}

function add<V>(lists: Map<ClusterId, V[]>, id: ClusterId, value: V): void {
  const list = lists.get(id)
  if (list) list.push(value)
  else lists.set(id, [value])
}

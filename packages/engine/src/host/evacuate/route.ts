import { type Host, isActive, type MigrationMethod, type Refusal, type Vm, type World } from '@drover/model'
import { checkRoute, checkVm, expected } from '../../vm/targets'
import { taskOf } from '../../world/find'

/** How a VM would get to a host: the best method, or every reason against. */
export interface Way {
  method: MigrationMethod | null
  expectedMs: number | null
  bytes: number
  /** Why no better method goes; when `method` is null: why none goes. */
  refusals: Refusal[]
  /** The reasons among them that lie in the VM itself. */
  about: Refusal[]
  /** It could be moved cold if that were allowed. */
  coldWould: boolean
}

/** What the planner judges, for all VMs together. */
const planned: readonly Refusal['code'][] = ['memory_short', 'rule_forbids', 'failover_short']

/**
 * The best way of a VM to `target`, memory and rules aside. One that runs is moved cold only where that is allowed and
 * nothing better goes. Work under way on the VM itself is no reason against: it is waited for.
 */
export function wayTo(world: World, vm: Vm, target: Host, cold: boolean): Way {
  const about = checkVm(world, vm, taskOf(world, vm.id)?.id ?? null)
  const route = (method: MigrationMethod) => {
    const { refusals, datastoreIds } = checkRoute(world, vm, target, method, null)
    const against = refusals.filter(({ code }) => !planned.includes(code))
    return { method, datastoreIds, refusals: [...about, ...against] }
  }
  const live = isActive(vm) ? [route('live'), route('live-with-disks')] : []
  const shut = route('cold')
  const routes = isActive(vm) && !cold ? live : [...live, shut]
  const best = routes.find(({ refusals }) => refusals.length === 0)
  const coldWould = !cold && isActive(vm) && shut.refusals.length === 0
  const refusals = best === routes[0] ? [] : nearest(routes.map((one) => one.refusals))
  if (!best) return { method: null, expectedMs: null, bytes: 0, refusals, about, coldWould }
  const { method, datastoreIds } = best
  const expectedMs = expected(world, vm, method, datastoreIds, {})
  const bytes = carried(world, vm, method, datastoreIds)
  return { method, expectedMs, bytes, refusals, about, coldWould: false }
}

/** The reasons against the way that was nearest: with its disks where only a datastore was missing. */
function nearest(all: Refusal[][]): Refusal[] {
  const [live = [], withDisks] = all
  const onlyStorage = live.length > 0 && live.every(({ code }) => code === 'datastore_absent')
  return onlyStorage && withDisks ? withDisks : live
}

function carried(world: World, vm: Vm, method: MigrationMethod, datastoreIds: readonly string[]): number {
  const memory = world.live.get(vm.hostId)?.vms.get(vm.uuid)?.memoryUsedBytes ?? vm.memoryBytes
  const copied = vm.disks.filter((disk, i) => datastoreIds[i] !== disk.datastoreId)
  return (method === 'cold' ? 0 : memory) + copied.reduce((sum, disk) => sum + disk.sizeBytes, 0)
}

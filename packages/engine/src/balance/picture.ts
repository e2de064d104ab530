import {
  type BalanceSettings,
  type Cluster,
  type Host,
  type HostId,
  isActive,
  type Rule,
  type Vm,
  type World,
} from '@drover/model'
import { type BalanceGoal, buildModel, type Model } from '@drover/planner'
import { memory, modelOf } from '../plan/modelOf'
import { taskOf, vmsOn } from '../world/find'

export interface BalancePicture {
  model: Model
  goal: BalanceGoal
  hosts: Host[]
  vms: Vm[]
  rules: Rule[]
  movable: (vm: number) => boolean
}

/** Resources that only the balance knows, after those that every plan has. */
const cpuLoad = 2
const memoryLoad = 3

const gib = 1024 ** 3

/** Metrics of a goal, in this order. */
export const cpuMetric = 0
export const memoryMetric = 1

/**
 * A cluster's load in numbers. What a VM was promised still limits where it may go; what it uses (or, by configured size,
 * what it was given) is what is evened out. Null where a host that takes VMs has not said yet what it uses.
 */
export function balancePicture(
  world: World,
  cluster: Cluster,
  settings: BalanceSettings,
  cooling: ReadonlySet<string>,
): BalancePicture | null {
  const { model, hosts, vms, rules } = modelOf(world, cluster.id, {
    purpose: 'migrate',
    vms: [],
    everything: true,
  })
  const live = settings.by === 'actual-load'
  if (live && hosts.some((host, i) => model.hosts[i]!.accepts && !heard(world, host.id))) return null
  const load = vms.map((vm): [number, number] | null => {
    if (!live) return [vm.vcpus, vm.memoryBytes]
    return usageOf(world, vm)
  })
  const resources = [
    ...model.resources,
    { name: 'CPU load', hard: false, weight: settings.weights.cpu },
    { name: 'memory load', hard: false, weight: settings.weights.memory },
  ]
  const built = buildModel({
    resources,
    hosts: model.hosts.map((host, i) => ({
      ...host,
      capacity: [...host.capacity, hosts[i]!.facts?.cpu.cores ?? 0, hosts[i]!.facts?.memoryBytes ?? 0],
      used: [...host.used, ...hostLoad(world, hosts[i]!, live)],
    })),
    vms: model.vms.map((vm, i) => ({ ...vm, size: [...vm.size, ...(load[i] ?? [0, 0])] })),
    rules: model.rules,
  })
  const movable = (i: number): boolean => {
    const vm = vms[i]!
    if (vm.power !== 'running' || vm.recovery || vm.ha.restart === 'none' || !load[i]) return false
    // Disks stay where they are: copying them for the sake of load costs more than it brings.
    return !vm.bound && !cooling.has(vm.id) && !taskOf(world, vm.id)
  }
  return { model: built, goal: goalOf(settings), hosts, vms, rules, movable }
}

function heard(world: World, hostId: HostId): boolean {
  const live = world.live.get(hostId)
  return !!live?.usage && live.reportedAt !== null
}

/** What a VM uses: CPU in cores and memory in bytes, on average where that is known; null: nothing has been heard. */
function usageOf(world: World, vm: Vm): [number, number] | null {
  const now = world.live.get(vm.hostId)?.vms.get(vm.uuid)
  if (!now) return null
  const expected = world.load?.get(vm.uuid)
  return expected ? [expected.cpu, expected.memory] : [now.cpu, now.memoryUsedBytes]
}

/** CPU in cores and memory in bytes. */
function hostLoad(world: World, host: Host, live: boolean): [number, number] {
  if (live) {
    const { usage, vms } = world.live.get(host.id) ?? {}
    if (!usage) return [0, 0]
    // What the host uses besides its VMs, and what those use on average.
    const load: [number, number] = [usage.cpu * (host.facts?.cpu.cores ?? 0), usage.memoryUsedBytes]
    for (const vm of vmsOn(world, host.id)) {
      const now = vms?.get(vm.uuid)
      const average = usageOf(world, vm)
      if (!now || !average) continue
      load[0] += average[0] - now.cpu
      load[1] += average[1] - now.memoryUsedBytes
    }
    return [Math.max(0, load[0]), Math.max(0, load[1])]
  }
  const there = vmsOn(world, host.id).filter(isActive)
  return [there.reduce((sum, vm) => sum + vm.vcpus, 0), there.reduce((sum, vm) => sum + vm.memoryBytes, 0)]
}

function goalOf(settings: BalanceSettings): BalanceGoal {
  const { aim, spread: enough, limit, weights, minGain, minShare } = settings
  return {
    aim,
    metrics: [
      { resource: cpuLoad, weight: weights.cpu, enough, limit },
      { resource: memoryLoad, weight: weights.memory, enough, limit },
    ],
    minGain,
    minShare,
    maxMoves: 200,
    costOf: memory,
    costPerMove: 2 * gib,
  }
}

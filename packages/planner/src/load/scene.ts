import type { HostShares, LoadMetric, LoadPicture, LoadRules, LoadScore } from '@drover/model'
import { wattsAt } from '../consolidate/power'
import { buildModel, type Model, type ModelRule } from '../model/model'
import { masks } from './masks'

export const metrics = ['cpu', 'memory', 'disk', 'network', 'pressure'] as const satisfies LoadMetric[]

/** By metric, by host or by VM. CPU in cores, memory in bytes, rates per second, pressure as a share of the host. */
export type Loading = Record<LoadMetric, Float64Array>

/** What hosts and VMs are expected to need, as plans count it. */
export interface Scene {
  picture: LoadPicture
  rules: LoadRules
  hosts: Loading
  vms: Loading
}

/** A share (or rate) that no host is filled beyond, by host; infinite where there is none. */
export interface Guard {
  metric: LoadMetric
  limits: Float64Array
  /** Whose limit it is, in words, by host. */
  whose: (host: number) => string
}

/** Resources of every scene's model; metrics and guards come after them. */
export const memoryRoom = 0
export const moveCost = 1
const fixedResources = 2

/**
 * What every VM is expected to need and what that makes of the hosts: what they use besides their VMs, and what those
 * are expected to want, contention included. `spiking`: hosts that have more to do than is expected; where there are any,
 * VMs count for at least what they want now.
 */
export function sceneOf(picture: LoadPicture, rules: LoadRules, spiking: ReadonlySet<number> = none): Scene {
  const { hosts, vms } = picture
  const empty = (length: number): Loading => ({
    cpu: new Float64Array(length),
    memory: new Float64Array(length),
    disk: new Float64Array(length),
    network: new Float64Array(length),
    pressure: new Float64Array(length),
  })
  const scene: Scene = { picture, rules, hosts: empty(hosts.length), vms: empty(vms.length) }
  if (rules.balance.by === 'configured-size' && spiking.size === 0) {
    for (const [i, { vcpus, memoryBytes, at }] of vms.entries()) {
      scene.vms.cpu[i] = vcpus
      scene.vms.memory[i] = memoryBytes
      if (at < 0) continue
      scene.hosts.cpu[at]! += vcpus
      scene.hosts.memory[at]! += memoryBytes
    }
    return scene
  }
  // Everywhere, not there alone: what is moved from one to another must not count for less where it goes.
  const atLeast = spiking.size > 0
  const seen = empty(hosts.length)
  for (const [i, vm] of vms.entries()) {
    const now = vm.now ?? vm.demand
    for (const metric of ['cpu', 'memory', 'disk', 'network'] as const) {
      scene.vms[metric][i] = atLeast ? Math.max(vm.demand[metric], now[metric]) : vm.demand[metric]
      if (vm.at >= 0) seen[metric][vm.at]! += now[metric]
    }
    scene.vms.cpu[i]! += missedCores(vm.demand.pressure, vm.vcpus, scene.vms.cpu[i]!)
    if (atLeast) scene.vms.cpu[i] = Math.max(scene.vms.cpu[i]!, wantedNow(vm))
    if (vm.at < 0) continue
    for (const metric of ['cpu', 'memory', 'disk', 'network'] as const)
      scene.hosts[metric][vm.at]! += scene.vms[metric][i]!
  }
  for (const [i, { at }] of vms.entries()) {
    const wanted = at < 0 ? 0 : scene.hosts.cpu[at]!
    // Nobody says whose the pressure is: it is shared out by what they want.
    if (wanted > 0) scene.vms.pressure[i] = (hosts[at]!.used.pressure * scene.vms.cpu[i]!) / wanted
  }
  for (const [host, { used }] of hosts.entries()) {
    for (const metric of ['cpu', 'memory', 'disk', 'network'] as const)
      scene.hosts[metric][host]! += Math.max(0, used[metric] - seen[metric][host]!)
    scene.hosts.pressure[host] = used.pressure
  }
  return scene
}

const none: ReadonlySet<number> = new Set()

/**
 * Hosts that use more than the balance's limit now, whatever their VMs are expected to need: there these count for what they
 * use. Where sizes are counted instead of loads there are none.
 */
export function spikingHosts({ hosts }: LoadPicture, { balance }: LoadRules): Set<number> {
  const spiking = new Set<number>()
  if (balance.by === 'configured-size') return spiking
  for (const [host, { used, cores, memoryBytes }] of hosts.entries())
    if (used.cpu > balance.limit * cores || used.memory > balance.limit * memoryBytes) spiking.add(host)
  return spiking
}

/** Cores that a VM would use now if its host had them: a host that is full does not show by itself how much it is short of. */
export function wantedNow({ now, demand, vcpus }: LoadPicture['vms'][number]): number {
  const used = now?.cpu ?? demand.cpu
  return used + missedCores(now?.pressure ?? 0, vcpus, used)
}

/** Cores that a VM wanted and did not get; no more than it has besides. */
export function missedCores(pressure: number, vcpus: number, used: number): number {
  return Math.max(0, Math.min(pressure * vcpus, vcpus - used))
}

/** What the metric is measured against on a host: its cores or memory; rates and pressure count as they are. */
export function capacityOf({ picture }: Pick<Scene, 'picture'>, metric: LoadMetric, host: number): number {
  const { cores, memoryBytes } = picture.hosts[host]!
  return metric === 'cpu' ? cores : metric === 'memory' ? memoryBytes : 1
}

export interface SceneModel {
  model: Model
  /** The model's resource of each metric asked for, in that order. */
  resources: readonly number[]
  /** By resource: the guard that it is. */
  guardOf: ReadonlyMap<number, Guard>
}

/** The scene as the planner's model. `capacity`: by host, what shares of a metric (by its place) are of, where not the host's own. */
export function modelOfScene(
  scene: Scene,
  wanted: readonly LoadMetric[],
  guards: readonly Guard[],
  capacity = (host: number, i: number) => capacityOf(scene, wanted[i]!, host),
): SceneModel {
  const { picture, rules } = scene
  const hostIndex = new Map(picture.hosts.map(({ id }, i) => [id, i]))
  const vmIndex = new Map(picture.vms.map(({ id }, i) => [id, i]))
  const mask = masks(picture.hosts.length)
  const model = buildModel({
    resources: [
      { name: 'memory', hard: !rules.overcommitMemory, weight: 0.5 },
      { name: 'cost', hard: false, weight: 0 },
      ...wanted.map((name) => ({ name, hard: false, weight: 0 })),
      ...guards.map(({ metric }) => ({ name: `${metric} limit`, hard: true, weight: 0 })),
    ],
    hosts: picture.hosts.map((host, i) => ({
      name: host.name,
      capacity: [
        host.roomBytes,
        0,
        ...wanted.map((_, n) => capacity(i, n)),
        ...guards.map(({ metric, limits }) => limits[i]! * capacityOf(scene, metric, i)),
      ],
      used: [
        host.promisedBytes,
        0,
        ...wanted.map((metric) => scene.hosts[metric][i]!),
        ...guards.map(({ metric }) => scene.hosts[metric][i]!),
      ],
      accepts: host.accepts && host.standby === 'awake',
    })),
    vms: picture.vms.map((vm, i) => ({
      name: vm.name,
      size: [
        vm.memoryBytes,
        costOfMove(scene, i),
        ...wanted.map((metric) => scene.vms[metric][i]!),
        ...guards.map(({ metric }) => scene.vms[metric][i]!),
      ],
      at: vm.at,
      towards: vm.towards,
      rank: vm.tier + (vm.protected ? 0 : 10),
      protected: vm.protected,
      eligible: vm.eligible && mask(vm.eligible),
    })),
    rules: rules.rules.flatMap((rule): ModelRule[] => {
      const { kind, relation, strict } = rule
      const vms = rule.vmIds.flatMap((id) => vmIndex.get(id) ?? [])
      const hosts = rule.hosts.flatMap(({ hostId, priority }) => {
        const host = hostIndex.get(hostId)
        return host === undefined ? [] : [{ host, priority }]
      })
      return [{ kind, relation, strict, vms: rule.enabled ? vms : [], hosts }]
    }),
  })
  const first = fixedResources + wanted.length
  return {
    model,
    resources: wanted.map((_, i) => fixedResources + i),
    guardOf: new Map(guards.map((guard, i) => [first + i, guard])),
  }
}

/** What moving a VM costs, in bytes: its memory is copied, and what a busy one writes meanwhile once more. */
function costOfMove({ picture, vms }: Scene, vm: number): number {
  const { memoryBytes, vcpus } = picture.vms[vm]!
  return memoryBytes * (1 + 0.5 * Math.min(1, vms.cpu[vm]! / Math.max(1, vcpus)))
}

/** Moves a VM within the scene, so that its scores say what comes of it. */
export function moveInScene({ hosts, vms }: Scene, vm: number, from: number, to: number): void {
  for (const metric of metrics) {
    hosts[metric][from] = Math.max(0, hosts[metric][from]! - vms[metric][vm]!)
    hosts[metric][to]! += vms[metric][vm]!
  }
}

/** The same VMs; moving them in one does not move them in the other. */
export function copyOfScene(scene: Scene): Scene {
  const { cpu, memory, disk, network, pressure } = scene.hosts
  const hosts = {
    cpu: cpu.slice(),
    memory: memory.slice(),
    disk: disk.slice(),
    network: network.slice(),
    pressure: pressure.slice(),
  }
  return { ...scene, hosts }
}

export function sharesOf(scene: Scene, host: number): HostShares {
  const share = (metric: 'cpu' | 'memory') => {
    const capacity = capacityOf(scene, metric, host)
    return capacity > 0 ? scene.hosts[metric][host]! / capacity : 0
  }
  return { cpu: share('cpu'), memory: share('memory') }
}

/** Spread over the hosts that are awake and take VMs, those over the limit of the balance, and what all draw. */
export function scoreOf(scene: Scene): LoadScore {
  const { picture, rules } = scene
  const shares: HostShares[] = []
  const overloaded: number[] = []
  let watts = 0
  for (const [i, { accepts, standby, power }] of picture.hosts.entries()) {
    const share = sharesOf(scene, i)
    watts += standby === 'asleep' ? power.asleepWatts : wattsAt(power, share.cpu)
    if (!accepts || standby !== 'awake') continue
    shares.push(share)
    if (Math.max(share.cpu, share.memory) > rules.balance.limit) overloaded.push(i)
  }
  const cpu = deviationOf(shares.map((share) => share.cpu))
  const memory = deviationOf(shares.map((share) => share.memory))
  return { cpu, memory, overloaded, watts }
}

/** How uneven, and how overloaded, as the balance weighs it: lower is better. */
export function spreadCost(scene: Scene): number {
  const { weights, limit, spread, aim } = scene.rules.balance
  const shares = scene.picture.hosts.flatMap(({ accepts, standby }, host) =>
    accepts && standby === 'awake' ? [sharesOf(scene, host)] : [],
  )
  const all = weights.cpu + weights.memory || 1
  let sum = 0
  for (const metric of ['cpu', 'memory'] as const) {
    const values = shares.map((share) => share[metric])
    const over = values.reduce((total, value) => total + Math.max(0, value - limit), 0)
    // What is about even enough need not get worse either.
    const uneven = aim === 'spread' ? Math.max(0, deviationOf(values) - spread / 2) : 0
    sum += (weights[metric] / all) * (uneven + 4 * over)
  }
  return sum
}

function deviationOf(values: readonly number[]): number {
  const count = values.length || 1
  const mean = values.reduce((sum, value) => sum + value, 0) / count
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count)
}

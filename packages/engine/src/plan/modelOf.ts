import {
  type ClusterId,
  type Host,
  type HostId,
  isActive,
  type Rule,
  type TaskId,
  type Vm,
  type VmId,
  type World,
} from '@drover/model'
import { buildModel, type Model, type ModelRule, type Resource } from '@drover/planner'
import { rulesOf } from '../rule/find'
import { placesOf, targetOf } from '../rule/where'
import { checkOpen } from '../vm/place'
import { hostsOf, numberOf, tasksOn, vmsOn } from '../world/find'
import { freeMemoryBytes, mayOvercommit, usableMemoryBytes } from '../world/room'
import { checkEligible, eligibilityKey, type Purpose } from './eligible'

export interface ModelOptions {
  purpose: Purpose
  /** VMs to be placed: they are nowhere as far as rules go. */
  vms: readonly Vm[]
  /** Takes the VMs that run besides, too: for questions about failures. Else only those in rules. */
  everything?: boolean
  /** Does not ask which host could run which VM: somebody else does. */
  bare?: boolean
  /** Hosts that get nothing. */
  avoid?: ReadonlySet<HostId>
  /** Hosts that this VM does not get. */
  exclude?: (vm: Vm, host: HostId) => boolean
  /** Memory is balanced and not a limit. Null: as the cluster says. */
  allowOvercommit?: boolean | null
  /** The host that a VM had better be on. */
  lean?: (vm: Vm) => HostId | null
  /** The task that asks: what it was promised is not taken. */
  task?: TaskId | null
  /** The VMs to be placed are lifted off the hosts that they run on, and may be put back there. */
  lifted?: boolean
  /** As if this VM, which runs nowhere, ran there. */
  assume?: { vm: Vm; hostId: HostId } | null
}

/** A cluster as the planner sees it, and the way back from its indexes. */
export interface Picture {
  model: Model
  hosts: Host[]
  vms: Vm[]
  rules: Rule[]
  hostIndex: ReadonlyMap<HostId, number>
  vmIndex: ReadonlyMap<VmId, number>
  /** Where everything is looked at: protected VMs that no other host could run. No capacity is kept for them. */
  bound: Vm[]
}

/** The resource that runs out. */
export const memory = 0

/** The cluster in numbers: capacity that is left after promises, who runs where, which hosts could run whom, rules. */
export function modelOf(world: World, clusterId: ClusterId, options: ModelOptions): Picture {
  const hosts = hostsOf(world, { id: clusterId }).sort((a, b) => numberOf(a.id) - numberOf(b.id))
  const hostIndex = new Map(hosts.map((host, i) => [host.id, i]))
  const rules = rulesOf(world, clusterId)
  const wanted = new Set(options.vms.map(({ id }) => id))
  const vms = [...options.vms]
  for (const vm of options.everything ? running(world, hosts) : inRules(world, rules))
    if (!wanted.has(vm.id) && vm.id !== options.assume?.vm.id) vms.push(vm)
  const { assume } = options
  if (assume) vms.push(assume.vm)
  const vmIndex = new Map(vms.map((vm, i) => [vm.id, i]))
  const overcommit = options.allowOvercommit ?? mayOvercommit(world, clusterId)
  const resources: Resource[] = [
    { name: 'memory', hard: !overcommit, weight: 0.5 },
    { name: 'vCPUs', hard: false, weight: 0.5 },
  ]
  const eligible = eligibility(world, hosts, options)
  const bound: Vm[] = []
  const model = buildModel({
    resources,
    hosts: hosts.map((host) => {
      const there = [
        ...vmsOn(world, host.id).filter(isActive),
        ...coming(world, host).filter((vm) => !wanted.has(vm.id)),
      ]
      const memoryBytes = usableMemoryBytes(host)
      const lifted = options.lifted ? there.filter((vm) => wanted.has(vm.id) && vm.hostId === host.id) : []
      const extra = assume?.hostId === host.id ? [assume.vm] : []
      const more = (of: (vm: Vm) => number) =>
        extra.reduce((sum, vm) => sum + of(vm), 0) - lifted.reduce((sum, vm) => sum + of(vm), 0)
      return {
        name: host.name,
        capacity: [memoryBytes, host.facts?.cpu.cores ?? 0],
        used: [
          memoryBytes - freeMemoryBytes(world, host, options.task) + more((vm) => vm.memoryBytes),
          there.reduce((sum, vm) => sum + vm.vcpus, 0) + more((vm) => vm.vcpus),
        ],
        accepts: host.facts !== null && !options.avoid?.has(host.id) && checkOpen(world, host).length === 0,
        crowd: there.length + extra.length - lifted.length,
      }
    }),
    vms: vms.map((vm) => {
      const places = vm === assume?.vm ? [assume.hostId] : wanted.has(vm.id) ? [] : placesOf(world, vm)
      const [at = -1, towards = -1] = places.map((id) => hostIndex.get(id) ?? -1)
      const lean = wanted.has(vm.id) ? options.lean?.(vm) : null
      const asked = wanted.has(vm.id) || (options.everything && !options.bare)
      const mask = asked ? eligible(vm) : null
      const wished = vm.ha.restart === 'protected' && (vm.desired === 'running' || vm === assume?.vm)
      const stuck = wished && options.everything === true && hosts.length > 1 && isBound(mask, at)
      if (stuck) bound.push(vm)
      return {
        name: vm.name,
        size: [vm.memoryBytes, vm.vcpus],
        at,
        towards,
        rank: rankOf(vm),
        protected: wished && !stuck,
        eligible: mask,
        lean: lean ? (hostIndex.get(lean) ?? -1) : -1,
      }
    }),
    rules: rules.map((rule) => ruleOf(rule, vmIndex, hostIndex)),
  })
  return { model, hosts, vms, rules, hostIndex, vmIndex, bound }
}

/** Whether no host but the one at index `at` could run it. */
function isBound(mask: Uint8Array | null, at: number): boolean {
  return mask?.every((may, host) => may === 0 || host === at) ?? false
}

/** The protected before the rest, and tier by tier. */
export function rankOf(vm: Pick<Vm, 'ha'>): number {
  return vm.ha.tier + (vm.ha.restart === 'protected' ? 0 : 10)
}

export function ruleOf(
  rule: Rule,
  vmIndex: ReadonlyMap<VmId, number>,
  hostIndex: ReadonlyMap<HostId, number>,
): ModelRule {
  const indexed = <I>(ids: readonly I[], index: ReadonlyMap<I, number>) =>
    ids.flatMap((id) => index.get(id) ?? [])
  return {
    kind: rule.kind,
    relation: rule.relation,
    strict: rule.strict,
    vms: indexed(rule.vmIds, vmIndex),
    hosts: rule.hosts.flatMap(({ hostId, priority }) => {
      const host = hostIndex.get(hostId)
      return host === undefined ? [] : [{ host, priority }]
    }),
  }
}

function* running(world: World, hosts: readonly Host[]): Iterable<Vm> {
  for (const host of hosts)
    for (const vm of vmsOn(world, host.id)) if (placesOf(world, vm).length > 0) yield vm
}

function inRules(world: World, rules: readonly Rule[]): Set<Vm> {
  return new Set(rules.flatMap((rule) => rule.vmIds.flatMap((id) => world.tables.vm.get(id) ?? [])))
}

/** VMs that open tasks will have running on a host where they do not run yet. */
function coming(world: World, host: Host): Vm[] {
  return tasksOn(world, host.id).flatMap((task) => {
    const vm = task.vmId ? world.tables.vm.get(task.vmId) : undefined
    if (!vm || targetOf(task, vm) !== host.id) return []
    return vm.hostId === host.id && isActive(vm) ? [] : [vm]
  })
}

/** Which hosts could run a VM, as arrays that VMs alike share. */
function eligibility(
  world: World,
  hosts: readonly Host[],
  { purpose, exclude, lifted }: ModelOptions,
): (vm: Vm) => Uint8Array | null {
  const shared = new Map<string, Uint8Array | null>()
  return (vm) => {
    const out = hosts.filter((host) => exclude?.(vm, host.id))
    const key = [eligibilityKey(world, vm, purpose), ...out.map(({ id }) => id)].join('|')
    let mask = shared.get(key)
    if (mask === undefined) {
      mask = Uint8Array.from(hosts, (host) =>
        !out.includes(host) &&
        ((lifted && host.id === vm.hostId) || checkEligible(world, vm, host, purpose).length === 0)
          ? 1
          : 0,
      )
      if (!mask.includes(0)) mask = null
      shared.set(key, mask)
    }
    return mask
  }
}

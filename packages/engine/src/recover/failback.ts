import type { Cluster, Host, HostId, Rule, Task, Vm, World } from '@drover/model'
import { decideMigrate } from '../vm/migrate'
import type { Changes } from '../world/changes'
import { numberOf, taskOf } from '../world/find'
import { freeMemoryBytes } from '../world/room'
import { isTroubled } from './story'

/** A host has to have been there, and its cluster at peace, for this long before VMs move back to it. */
export const settleMs = 30_000
/** After a way back that came to nothing. */
const againMs = 600_000
/** Ways back of one cluster at the same time. */
const atOnce = 2

/**
 * Moves VMs that are to fail back live to where they belong: the best of the hosts that a rule prefers, else the host
 * they were taken from. An ordinary migration each, a few at a time, and none while anything is wrong.
 */
export function failback(changes: Changes, cluster: Cluster, vms: readonly Vm[]): void {
  if (vms.length === 0 || isTroubled(changes, cluster.id)) return
  const { world, now } = changes
  if (lastTroubleAt(world, cluster) > now - settleMs) return
  let room = atOnce - openWaysBack(world, cluster)
  for (const vm of [...vms].sort((a, b) => numberOf(a.id) - numberOf(b.id))) {
    if (room <= 0) return
    if (vm.power !== 'running' || vm.recovery || taskOf(world, vm.id)) continue
    const targets = homesOf(world, vm, now).filter((host) => freeMemoryBytes(world, host) >= vm.memoryBytes)
    if (targets.length === 0 || triedLately(world, vm, now)) continue
    for (const { id } of targets) {
      const input = { vmId: vm.id, targetId: id, method: 'live' as const, reason: null }
      const decided = decideMigrate(world, input, changes.ctx)
      if (!decided.ok) continue
      changes.add(decided.change)
      room -= 1
      break
    }
  }
}

/** The hosts that a VM belongs on rather than where it is, the best first; only those that take VMs now. */
function homesOf(world: World, vm: Vm, now: number): Host[] {
  const usable = (id: HostId | null) => {
    const host = id && world.tables.host.get(id)
    return host && isSettled(host, now) ? [host] : []
  }
  const preferred = preferredHosts(world, vm)
  if (preferred.length > 0) {
    const here = preferred.find(({ hostId }) => hostId === vm.hostId)?.priority ?? Number.NEGATIVE_INFINITY
    const better = preferred.filter(({ priority }) => priority > here).sort((a, b) => b.priority - a.priority)
    return better.flatMap(({ hostId }) => usable(hostId))
  }
  return vm.homeId && vm.homeId !== vm.hostId ? usable(vm.homeId) : []
}

function isSettled(host: Host, now: number): boolean {
  const { state, mode, stateSince, quarantinedUntil } = host
  if (state !== 'connected' || mode !== 'normal' || now - stateSince < settleMs) return false
  return quarantinedUntil === null || quarantinedUntil <= now
}

function preferredHosts(world: World, vm: Vm): Rule['hosts'] {
  const hosts: Rule['hosts'] = []
  for (const id of world.index.rulesByCluster.get(vm.clusterId) ?? []) {
    const rule = world.tables.rule.get(id)
    if (rule?.enabled && rule.kind === 'vm-host' && rule.relation === 'on' && rule.vmIds.includes(vm.id))
      hosts.push(...rule.hosts)
  }
  return hosts
}

function openWaysBack(world: World, cluster: Cluster): number {
  let open = 0
  for (const id of world.index.openTasks) {
    const task = world.tables.task.get(id)!
    if (task.clusterId === cluster.id && isWayBack(task)) open += 1
  }
  return open
}

function isWayBack(task: Task): boolean {
  return task.kind === 'vm.migrate' && task.initiator.kind === 'drover' && task.parentId === null
}

/** Only asked when everything else speaks for it. */
function triedLately(world: World, vm: Vm, now: number): boolean {
  for (const task of world.tables.task.values())
    if (
      task.vmId === vm.id &&
      isWayBack(task) &&
      task.state !== 'succeeded' &&
      now - (task.endedAt ?? 0) < againMs
    )
      return true
  return false
}

function lastTroubleAt(world: World, cluster: Cluster): number {
  let last = Number.NEGATIVE_INFINITY
  for (const incident of world.tables.incident.values())
    if (incident.clusterId === cluster.id) last = Math.max(last, incident.closedAt ?? last)
  return last
}

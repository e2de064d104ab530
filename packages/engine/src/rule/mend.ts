import {
  type Change,
  type Cluster,
  type HostId,
  type Incident,
  isActive,
  type Rule,
  type Task,
  type Vm,
  type VmId,
  type World,
} from '@drover/model'
import { rearrange } from '@drover/planner'
import type { Context } from '../context'
import { accept, type Decision } from '../decision'
import { modelOf } from '../plan/modelOf'
import { decideMigrate } from '../vm/migrate'
import { hostsOf, taskOf } from '../world/find'
import { rulesOf } from './find'
import { sayRule } from './say'
import { brokenRules } from './violations'

/** Moves for rules under way at once in a cluster. A group that moves as a whole may be more. */
const movesAtOnce = 2
/** After a move for a rule has failed, that VM is left alone for so long. */
const coolDownMs = 60_000

/** The initiator of what Drover does by itself. */
const drover = { kind: 'drover' } as const

/**
 * Strict rules that what runs breaks are mended by live migrations, as few as will do, through ordinary tasks. Level-triggered:
 * whatever the reason that they are broken. Nothing is moved while a host of the cluster is in doubt or its VMs are
 * being restarted, nor while the cluster is disarmed.
 */
export function decideMendRules(world: World, ctx: Context): Decision {
  const change: Change = []
  for (const cluster of world.tables.cluster.values()) {
    if (cluster.ha.mode !== 'armed' || !world.index.rulesByCluster.has(cluster.id)) continue
    const broken = brokenRules(world, cluster.id, 'strict')
    if (broken.length > 0 && !isUnsettled(world, cluster)) change.push(...mend(world, cluster, ctx))
  }
  return accept(change, null)
}

/** Whether something is going on in the cluster that comes before rules. */
function isUnsettled(world: World, cluster: Cluster): boolean {
  const hosts = hostsOf(world, cluster)
  if (hosts.some(({ state }) => state === 'suspect' || state === 'fencing' || state === 'connecting'))
    return true
  for (const id of world.index.openIncidents) {
    const incident = world.tables.incident.get(id)!
    if (incident.clusterId !== cluster.id || diedIdle(world, incident)) continue
    // A VM that has no place may wait for long, and a mended rule may be what gives it one.
    if (incident.vms.length === 0 || incident.vms.some(({ state }) => state === 'starting')) return true
  }
  for (const id of world.index.openTasks) {
    const task = world.tables.task.get(id)!
    if (task.clusterId === cluster.id && (task.kind === 'host.fence' || task.kind === 'vm.restart'))
      return true
  }
  return false
}

/** A dead host that ran nothing (its death writes down what it ran): nothing comes of its incident, which may be open for weeks. */
function diedIdle(world: World, { host, vms }: Incident): boolean {
  return vms.length === 0 && host !== null && world.tables.host.get(host.id)?.state === 'fenced'
}

function mend(world: World, cluster: Cluster, ctx: Context): Change {
  const budget = movesAtOnce - movesUnderWay(world, cluster)
  if (budget <= 0) return []
  const { vms, rules } = entangled(world, cluster)
  const asked = rearranged(world, cluster, vms) ?? []
  const cooling = coolingDown(world, cluster, ctx.now)
  const change: Change = []
  let moves = 0
  for (const { targetId, vmIds } of asked) {
    if (moves > 0 && moves + vmIds.length > budget) continue
    if (vmIds.some((id) => cooling.has(id))) continue
    const started = vmIds.map((vmId) => {
      const rule = rules.find((one) => one.vmIds.includes(vmId))
      const reason = rule ? `The rule "${rule.name}": ${sayRule(world, rule)}` : 'To mend a rule.'
      const along = vmIds.filter((id) => id !== vmId)
      return decideMigrate(world, { vmId, targetId, along, reason }, { ...ctx, initiator: drover })
    })
    // All of a group, or none: half a group is no better than what is.
    if (!started.every((decision) => decision.ok)) continue
    for (const decision of started) if (decision.ok) change.push(...decision.change)
    moves += vmIds.length
  }
  return change
}

/** Running VMs that broken strict rules are about, and those that other strict rules tie to them. */
function entangled(world: World, cluster: Cluster): { vms: Vm[]; rules: Rule[] } {
  const strict = rulesOf(world, cluster.id).filter((rule) => rule.strict)
  const broken = brokenRules(world, cluster.id, 'strict').map(({ rule }) => rule)
  const ids = new Set(broken.flatMap((rule) => rule.vmIds))
  for (let size = 0; size < ids.size; ) {
    size = ids.size
    for (const rule of strict)
      if (rule.kind === 'vm-vm' && rule.vmIds.some((id) => ids.has(id)))
        for (const id of rule.vmIds) ids.add(id)
  }
  const vms = [...ids].flatMap((id): Vm[] => {
    const vm = world.tables.vm.get(id)
    const home = vm && world.tables.host.get(vm.hostId)
    // What is off counts when it is started; what a host runs that cannot be heard stays where it is.
    const free =
      vm && isActive(vm) && home?.state === 'connected' && home.mode === 'normal' && !taskOf(world, id)
    return free ? [vm] : []
  })
  return { vms, rules: broken }
}

/** A VM that has to move, or a group that has to move as a whole. */
interface Move {
  targetId: HostId
  vmIds: VmId[]
}

/** Which of them would have to move where; null: there is no way. */
function rearranged(world: World, cluster: Cluster, vms: readonly Vm[]): Move[] | null {
  const lean = (vm: Vm) => vm.hostId
  const { model, hosts } = modelOf(world, cluster.id, { purpose: 'migrate', vms, lifted: true, lean })
  const found = rearrange(
    model,
    vms.map((_, i) => i),
  )
  if (!found) return null
  const moves = new Map<string, Move>()
  for (const [i, vm] of vms.entries()) {
    const targetId = hosts[found.get(i)!]!.id
    if (targetId === vm.hostId) continue
    const group = model.groupOf[i]!
    const key = group >= 0 ? `group ${group}` : vm.id
    moves.set(key, { targetId, vmIds: [...(moves.get(key)?.vmIds ?? []), vm.id] })
  }
  return [...moves.values()]
}

function movesUnderWay(world: World, cluster: Cluster): number {
  let count = 0
  for (const id of world.index.openTasks) {
    const task = world.tables.task.get(id)!
    if (task.clusterId === cluster.id && isOurs(task)) count += 1
  }
  return count
}

function isOurs(task: Pick<Task, 'kind' | 'initiator' | 'parentId'>): boolean {
  return task.kind === 'vm.migrate' && task.initiator.kind === 'drover' && task.parentId === null
}

/** VMs whose last move by Drover failed a moment ago. */
function coolingDown(world: World, cluster: Cluster, now: number): Set<VmId> {
  const cooling = new Set<VmId>()
  for (const task of world.tables.task.values()) {
    if (task.clusterId !== cluster.id || !isOurs(task) || task.state !== 'failed') continue
    if (task.vmId && (task.endedAt ?? 0) > now - coolDownMs) cooling.add(task.vmId)
  }
  return cooling
}

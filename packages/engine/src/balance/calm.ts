import { type Cluster, type Incident, sayList, sayTask, type Task, type World } from '@drover/model'
import { stormOf } from '../ha/storm'
import { hostsOf, openTasks } from '../world/find'

/** A cluster has to have been at peace for this long before anything is moved for the sake of its load. */
const peaceMs = 30_000
/** So long after the last that came of a failure, it is over for the hosts that are left, although its own is not back. */
const settledMs = 300_000

/**
 * Why nothing is moved in a cluster for the sake of its load now, in words; null: nothing stands in the way. Failures,
 * restarts, maintenance and whatever else is being moved come first. `own`: tasks that are no reason to wait.
 */
export function unrest(
  world: World,
  cluster: Cluster,
  now: number,
  own: ReadonlySet<string> = nothing,
): string | null {
  return failures(world, cluster, now) ?? busyWith(world, cluster, own)
}

/** What of it is being done now: it ends by itself, and what was planned before may be looked at again then. */
export function busyWith(world: World, { id }: Pick<Cluster, 'id'>, own: ReadonlySet<string>): string | null {
  const busy = openTasks(world).find((task) => task.clusterId === id && !isOwn(task, own) && moves(task))
  return busy ? `"${sayTask(busy)}" is under way.` : null
}

/** What of it is about failures: then loads are not what they were, and nothing that was counted before goes on. */
export function failures(world: World, cluster: Cluster, now: number): string | null {
  if (cluster.ha.mode !== 'armed') return `${cluster.name} is disarmed. Arm it, and it is balanced again.`
  for (const id of world.index.openIncidents) {
    const incident = world.tables.incident.get(id)!
    if (incident.clusterId === cluster.id && !hasSettled(world, incident, now))
      return `An incident is open in ${cluster.name}: ${incident.host?.name ?? 'several hosts'}.`
  }
  if (stormOf(world, cluster)) return `Many hosts of ${cluster.name} are silent at once.`
  const unsettled = hostsOf(world, cluster).filter(
    ({ state, stateSince, standby }) =>
      state !== 'fenced' && !standby && (state !== 'connected' || now - stateSince < peaceMs),
  )
  if (unsettled.length > 0) {
    const each = unsettled.map(
      ({ name, state }) => `${name} ${state === 'connected' ? 'has only just connected' : `is ${state}`}`,
    )
    return `${sayList(each)}: it is waited until that is settled.`
  }
  for (const { clusterId, closedAt } of world.tables.incident.values())
    if (clusterId === cluster.id && closedAt !== null && now - closedAt < peaceMs)
      return `An incident of ${cluster.name} has only just ended.`
  for (const vm of world.tables.vm.values())
    if (vm.clusterId === cluster.id && vm.recovery && vm.recovery.state !== 'error')
      return `${vm.name} is being started again.`
  return null
}

/**
 * Whether all is done that a failure asked for: a dead host may be away for weeks, and the others, which carry more than before,
 * are evened out meanwhile.
 */
function hasSettled(world: World, { kind, host, openedAt, marks, vms }: Incident, now: number): boolean {
  if (kind !== 'host' || !host || world.tables.host.get(host.id)?.state !== 'fenced') return false
  if (vms.some(({ state }) => state === 'waiting' || state === 'starting')) return false
  return now - Math.max(openedAt, ...marks.map(({ at }) => at)) >= settledMs
}

/** Also the parts of such a task. */
function isOwn({ id, parentId }: Task, own: ReadonlySet<string>): boolean {
  return own.has(id) || (parentId !== null && own.has(parentId))
}

const nothing: ReadonlySet<string> = new Set()

/** Everything but the creation of VMs moves load about, or is about to. */
function moves({ kind }: Task): boolean {
  return kind !== 'vm.create' && kind !== 'vm.delete'
}

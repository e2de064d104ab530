import { type EventBody, subjectsOf, type World } from '@drover/model'

/**
 * Every object that an event is about, and what those belong to (a VM's host and cluster, a cluster's datacenter), so
 * that one look-up finds the history of anything in the tree.
 */
export function subjectsWithin(world: World, body: EventBody): Set<string> {
  const subjects = new Set<string>()
  const add = (id: string | null | undefined): void => {
    if (!id || subjects.has(id)) return
    subjects.add(id)
    const { tables } = world
    const task = tables.task.get(id)
    if (task) for (const about of [task.vmId, task.clusterId, ...task.hostIds]) add(about)
    const vm = tables.vm.get(id)
    if (vm) for (const about of [vm.hostId, vm.clusterId]) add(about)
    add(tables.host.get(id)?.clusterId)
    add(tables.fence.get(id)?.hostId)
    add(tables.rule.get(id)?.clusterId)
    const incident = tables.incident.get(id)
    if (incident) for (const about of [incident.host?.id, incident.clusterId]) add(about)
    const alarm = tables.alarm.get(id)
    if (alarm) for (const about of [alarm.about.id, alarm.clusterId]) add(about)
    add(tables.cluster.get(id)?.datacenterId)
    add((tables.datastore.get(id) ?? tables.network.get(id))?.datacenterId)
  }
  for (const id of subjectsOf(body)) add(id)
  return subjects
}

import type { HostId, Task, Waiting, World } from '@drover/model'
import { datastoreRef, hostRef, networkRef, numberOf } from '../world/find'

/**
 * What a queued migration has to wait for, or null when it may run. Counted against each limit are the migrations that
 * run; the task loop tries queued ones oldest first, so a free place goes to the first in the queue that it is enough for.
 */
export function waitsForSlot(world: World, task: Task): Waiting | null {
  const limits = world.tables.cluster.get(task.clusterId)?.migrationLimits
  if (!limits) return null
  const others: Task[] = []
  for (const id of world.index.openTasks) {
    const other = world.tables.task.get(id)!
    if (other.kind === 'vm.migrate' && other.id !== task.id) others.push(other)
  }
  const crowd = (uses: (other: Task) => boolean, limit: number): string[] | null => {
    const sharing = others.filter(uses)
    const running = sharing.filter((other) => other.state !== 'queued')
    if (running.length < limit) return null
    const before = sharing.filter((other) => other.state === 'queued' && isBefore(other, task))
    return [...running, ...before].sort(inOrder).map((other) => other.vmName)
  }
  for (const id of task.hostIds as HostId[]) {
    const ahead = crowd((other) => other.hostIds.includes(id), limits.perHost)
    if (ahead) return { code: 'host_slot', host: hostRef(world, id), limit: limits.perHost, ahead }
  }
  for (const id of task.networkIds) {
    const ahead = crowd((other) => other.networkIds.includes(id), limits.perNetwork)
    if (ahead)
      return { code: 'network_slot', network: networkRef(world, id), limit: limits.perNetwork, ahead }
  }
  for (const id of task.datastoreIds) {
    const ahead = crowd((other) => other.datastoreIds.includes(id), limits.perDatastore)
    if (ahead)
      return { code: 'datastore_slot', datastore: datastoreRef(world, id), limit: limits.perDatastore, ahead }
  }
  return null
}

function isBefore(a: Task, b: Task): boolean {
  return inOrder(a, b) < 0
}

/** The order of the queue is that of acceptance, which is that of the numbers. */
function inOrder(a: Task, b: Task): number {
  return numberOf(a.id) - numberOf(b.id)
}

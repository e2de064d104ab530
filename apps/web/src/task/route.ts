import type { HostId, Task, TaskParams } from '@drover/model'
import type { ReplicaTables } from '../replica/replica'

/** `esx-02 → esx-01` of a migration or a restart, the host of anything else. */
export function routeOf(tables: ReplicaTables, task: Task): string {
  const name = (id: HostId | undefined) => (id ? (tables.host.get(id)?.name ?? 'a removed host') : '')
  if (task.kind === 'cluster.roll') return tables.cluster.get(task.clusterId)?.name ?? ''
  if (task.kind === 'vm.migrate' || task.kind === 'vm.restart') {
    const { sourceId, targetId } = task.params as TaskParams['vm.migrate' | 'vm.restart']
    if (sourceId === targetId) return name(sourceId)
    return `${name(sourceId)} → ${name(targetId)}`
  }
  return task.host?.name ?? name(task.hostIds[0])
}

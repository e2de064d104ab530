import type { HostId, Task, TaskParams } from '@drover/model'
import type { ReplicaTables } from '../replica/replica'

/** `esx-02 → esx-01` of a migration, the host of anything else. */
export function routeOf(tables: ReplicaTables, task: Task): string {
  const name = (id: HostId | undefined) => (id ? (tables.host.get(id)?.name ?? 'a removed host') : '')
  if (task.kind === 'vm.migrate') {
    const { sourceId, targetId } = task.params as TaskParams['vm.migrate']
    return `${name(sourceId)} → ${name(targetId)}`
  }
  return name(task.hostIds[0])
}

import type { HostUsage, ObjectId, Progress, Task, TaskId, VmId } from '@drover/model'
import { useRef } from 'react'
import { openTaskByVm } from './look'
import type { Replica, ReplicaTables } from './replica'
import { useReplicaStore } from './store'

/** Pages are drawn only once there is a replica; `Console` sees to it. */
function replicaOf(replica: Replica | null): Replica {
  if (!replica) throw new Error('a page was drawn before the inventory was there')
  return replica
}

/** All tables; drawn again with every commit. For lists and trees. */
export function useTables(): ReplicaTables {
  return useReplicaStore((state) => replicaOf(state.replica).tables)
}

/** The tables as they are at this moment, for event handlers. */
export function tablesNow(): ReplicaTables {
  return replicaOf(useReplicaStore.getState().replica).tables
}

/** One row; drawn again only when it changes. */
export function useRow<T extends keyof ReplicaTables>(table: T, id: string | null | undefined) {
  return useReplicaStore((state) =>
    id ? (replicaOf(state.replica).tables[table].get(id) as Rows[T] | undefined) : undefined,
  )
}

type Rows = { [T in keyof ReplicaTables]: ReplicaTables[T] extends ReadonlyMap<string, infer R> ? R : never }

/** The work under way on a VM. */
export function useOpenTask(vmId: VmId): Task | undefined {
  return useReplicaStore((state) => openTaskByVm(replicaOf(state.replica).tables).get(vmId))
}

export function useProgress(taskId: TaskId): Progress | undefined {
  return useReplicaStore((state) => state.replica?.progress[taskId])
}

export function useHostUsage(id: string): HostUsage | undefined {
  return useReplicaStore((state) => state.replica?.usage.hosts[id])
}

/** [cores in use, memory used in bytes] of a VM; undefined while its host has not said. */
export function useVmUsage(id: string): [cpu: number, memoryUsedBytes: number] | undefined {
  return useReplicaStore((state) => state.replica?.usage.vms[id] ?? undefined)
}

/** The last figures as they are at this moment, for sorting. */
export function usageNow() {
  return useReplicaStore.getState().replica?.usage ?? { at: 0, full: true, hosts: {}, vms: {} }
}

/** The last `length` values of a live figure since the page was opened. */
export function useTrail(id: ObjectId, length: number, read: (usage: Replica['usage']) => number | null) {
  const trail = useRef<{ id: ObjectId; at: number; values: number[] }>({ id, at: 0, values: [] })
  const usage = useReplicaStore((state) => state.replica?.usage)
  if (trail.current.id !== id) trail.current = { id, at: 0, values: [] }
  if (usage && usage.at !== trail.current.at) {
    const value = read(usage)
    const values = value === null ? trail.current.values : [...trail.current.values, value].slice(-length)
    trail.current = { id, at: usage.at, values }
  }
  return trail.current.values
}

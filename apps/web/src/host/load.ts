import type { Host } from '@drover/model'
import { useHostUsage, useRow } from '../replica/hooks'

export interface HostLoad {
  /** 0 to 1; null when its agent has not said. */
  cpu: number | null
  memory: number | null
  memoryUsedBytes: number | null
  memoryBytes: number
}

/** How loaded a host is, live. */
export function useHostLoad(id: string): HostLoad {
  const host: Host | undefined = useRow('host', id)
  const usage = useHostUsage(id)
  const memoryBytes = host?.facts?.memoryBytes ?? 0
  return {
    cpu: usage?.cpu ?? null,
    memory: usage && memoryBytes > 0 ? usage.memoryUsedBytes / memoryBytes : null,
    memoryUsedBytes: usage?.memoryUsedBytes ?? null,
    memoryBytes,
  }
}

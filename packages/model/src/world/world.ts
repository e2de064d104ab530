import type { HostId, TaskId } from '../id'
import type { Progress } from '../task/task'
import { type TableName, type Tables, tableNames } from './tables'
import type { HostUsage, VmUsage } from './usage'

/** What is known and not durable: heartbeats, usage, progress. Lost at a restart, and learnt again within seconds. */
export interface HostLive {
  /** By control's clock, at arrival. */
  heardAt: number
  usage: HostUsage | null
  /** By VM uuid, as of the last heartbeat. */
  vms: Map<string, VmUsage>
}

/** Everything Drover knows. Only the writer changes the tables; engine and readers look. */
export interface World {
  tables: { [T in TableName]: Map<string, Tables[T]> }
  live: Map<HostId, HostLive>
  progress: Map<TaskId, Progress>
}

/** A world with nothing in it. */
export function emptyWorld(): World {
  const tables = Object.fromEntries(tableNames.map((name) => [name, new Map()])) as unknown as World['tables']
  return { tables, live: new Map(), progress: new Map() }
}

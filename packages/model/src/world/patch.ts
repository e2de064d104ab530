import type { Event } from '../event/event'
import type { TaskId } from '../id'
import type { Progress } from '../task/task'
import type { Tables } from './tables'
import type { HostUsage } from './usage'

/** What browsers hold a copy of. Definitions, tokens and sealed secrets stay with control. */
export const replicatedTables = [
  'datacenter',
  'cluster',
  'host',
  'vm',
  'datastore',
  'network',
  'task',
  'rule',
  'fence',
  'incident',
  'alarm',
  'threshold',
  'decision',
  'shadow',
] as const
export type ReplicatedTable = (typeof replicatedTables)[number]

/** All rows as of event `seq`; ended tasks only as far back as the dock shows. */
export interface Snapshot {
  seq: number
  /** Of the leading daemon; a patch of another term means: fetch again. */
  term: number
  now: number
  rows: { [T in ReplicatedTable]: Tables[T][] }
  usage: UsagePatch
  progress: Record<TaskId, Progress>
}

/** What one commit changed: its events in order, rows included (those of replicated tables). Apply when `fromSeq` is what one has. */
export interface Patch {
  term: number
  fromSeq: number
  toSeq: number
  events: Event[]
}

/**
 * The latest usage, every second or two; not history, may be dropped. VMs: [cores, memory used in bytes], all of them
 * when `full`, else those whose figures are others than last time; null: there are none any more.
 */
export interface UsagePatch {
  at: number
  full: boolean
  hosts: Record<string, HostUsage>
  vms: Record<string, [cpu: number, memoryUsedBytes: number] | null>
}

/** socket.io messages from control to a browser, namespace `/live`. */
export interface ToBrowser {
  patch(patch: Patch): void
  usage(patch: UsagePatch): void
  progress(progress: Record<TaskId, Progress>): void
  /** The database is away, or this daemon no longer leads: what may be done, and since when. */
  health(health: Health): void
}

export interface Health {
  term: number
  seq: number
  leading: boolean
  databaseAwaySince: number | null
}

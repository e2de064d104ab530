import {
  isOpen,
  type Patch,
  patched,
  type ReplicatedTable,
  type RowChange,
  replicatedTables,
  type Snapshot,
  type Tables,
  type Task,
  type UsagePatch,
} from '@drover/model'

export type ReplicaTables = { readonly [T in ReplicatedTable]: ReadonlyMap<string, Tables[T]> }

/** The browser's copy of the inventory: complete as of event `seq` of one leader's term. */
export interface Replica {
  term: number
  seq: number
  tables: ReplicaTables
  usage: UsagePatch
  progress: Snapshot['progress']
  /** Add to the browser's clock to get control's, in ms. */
  clockOffsetMs: number
}

/** How many ended tasks are worth their memory. */
const keptTasks = 400

/** The copy that a snapshot starts; `receivedAt` by the browser's clock. */
export function fromSnapshot(snapshot: Snapshot, receivedAt: number): Replica {
  const tables = Object.fromEntries(
    replicatedTables.map((name) => [name, new Map(snapshot.rows[name].map((row) => [row.id, row]))]),
  ) as unknown as ReplicaTables
  const { term, seq, usage, progress, now } = snapshot
  return { term, seq, tables, usage, progress, clockOffsetMs: now - receivedAt }
}

/** The copy with patches applied in order; `'gap'` when one is missing or of another term: fetch a snapshot. */
export function withPatches(replica: Replica, patches: readonly Patch[]): Replica | 'gap' {
  const tables: Record<string, ReadonlyMap<string, object>> = { ...replica.tables }
  let seq = replica.seq
  for (const patch of patches) {
    if (patch.term !== replica.term) return 'gap'
    if (patch.toSeq <= seq) continue
    if (patch.fromSeq > seq) return 'gap'
    for (const event of patch.events) {
      if (event.seq > seq) for (const change of event.rows) applyRow(tables, replica.tables, change)
    }
    seq = patch.toSeq
  }
  if (seq === replica.seq) return replica
  const next = { ...replica, seq, tables: tables as unknown as ReplicaTables }
  return next.tables.task === replica.tables.task ? next : forgetTasks(next)
}

function applyRow(
  tables: Record<string, ReadonlyMap<string, object>>,
  before: ReplicaTables,
  change: RowChange,
): void {
  const table = tables[change.table]
  if (!table) return
  // A table is copied once, when the first of its rows changes: whoever holds the old one keeps a whole picture.
  const own =
    table === before[change.table as ReplicatedTable] ? new Map(table) : (table as Map<string, object>)
  const row = patched(own.get(change.id), change)
  if (row) own.set(change.id, row)
  else own.delete(change.id)
  tables[change.table] = own
}

/** Without the progress of ended tasks, and without the oldest of many ended tasks. */
function forgetTasks(replica: Replica): Replica {
  const progress = Object.fromEntries(
    Object.entries(replica.progress).filter(([id]) => {
      const task = replica.tables.task.get(id)
      return task && isOpen(task)
    }),
  ) as Replica['progress']
  const tasks = replica.tables.task
  if (tasks.size <= keptTasks * 2) return { ...replica, progress }
  const ended = [...tasks.values()].filter((task) => !isOpen(task)).sort(latestFirst)
  const dropped = new Set(ended.slice(keptTasks).map((task) => task.id))
  const kept = new Map([...tasks].filter(([, task]) => !dropped.has(task.id)))
  return { ...replica, progress, tables: { ...replica.tables, task: kept } }
}

/** Newest first. */
export function latestFirst(a: Task, b: Task): number {
  return b.createdAt - a.createdAt || Number(b.id.slice(5)) - Number(a.id.slice(5))
}

/** The copy with newer figures. VMs that they leave out keep theirs, unless all are said; null takes them away. */
export function withUsage(replica: Replica, usage: UsagePatch): Replica {
  if (usage.at < replica.usage.at) return replica
  if (usage.full) return { ...replica, usage }
  const vms = { ...replica.usage.vms, ...usage.vms }
  for (const [id, figures] of Object.entries(usage.vms)) if (!figures) delete vms[id]
  return { ...replica, usage: { ...usage, vms } }
}

/** The copy with newer progress of open tasks. */
export function withProgress(replica: Replica, progress: Snapshot['progress']): Replica {
  return { ...replica, progress: { ...replica.progress, ...progress } }
}

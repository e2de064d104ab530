import {
  difference,
  type Event,
  patched,
  type RowChange,
  type TableName,
  type Tables,
  type Task,
  tableNames,
} from '@drover/model'
import type { Batch } from '@drover/store'

/**
 * What the database was told, kept apart from the database: every batch as it came, the rows that folding the events
 * gives, and every version that a row ever had.
 */
export class Ledger {
  readonly batches: Batch[] = []
  readonly events: Event[] = []
  readonly folded = Object.fromEntries(tableNames.map((name) => [name, new Map()])) as unknown as {
    [T in TableName]: Map<string, Tables[T]>
  }
  /** `vm/vm-3` to the JSON of everything it ever was. */
  private readonly versions = new Map<string, Set<string>>()
  /** Ids of commands that were ever committed with a task. */
  readonly commands = new Set<string>()
  /** Uuids of VMs that Drover was told to delete. */
  readonly doomed = new Set<string>()
  /** Uuids of VMs whose deletion is over. */
  readonly deleted = new Set<string>()
  /** What is wrong with the batches themselves; found as they come. */
  readonly faults: string[] = []
  readonly listeners: ((batch: Batch) => void)[] = []

  /** Takes note of a batch that the database has just made durable. */
  commit(batch: Batch): void {
    const last = this.batches.at(-1)
    if (batch.number !== (last?.number ?? 0) + 1) {
      this.faults.push(`batch ${batch.number} follows batch ${last?.number ?? 0}`)
    }
    if (last && batch.term < last.term) {
      this.faults.push(`batch ${batch.number} of term ${batch.term} follows one of term ${last.term}`)
    }
    for (const event of batch.events) {
      const before = this.events.at(-1)?.seq ?? 0
      if (event.seq !== before + 1) this.faults.push(`event ${event.seq} follows event ${before}`)
      this.events.push(event)
      const gone = event.body.kind === 'vm.deleted' ? this.folded.vm.get(event.body.vm.id) : undefined
      if (gone) this.deleted.add(gone.uuid)
      for (const change of event.rows) this.fold(change)
    }
    for (const { table, id, row } of batch.rows) {
      const folded = this.folded[table].get(id)
      if (canonical(folded ?? null) !== canonical(row)) {
        this.faults.push(
          `batch ${batch.number} writes ${id} unlike its events: ${JSON.stringify(
            row && folded ? difference(folded, row) : (row ?? 'deleted'),
          )}`,
        )
      }
    }
    this.batches.push(batch)
    for (const listener of this.listeners) listener(batch)
  }

  /** Whether this row was ever durable with these contents. */
  wasEver(table: TableName, id: string, row: object): boolean {
    return this.versions.get(`${table}/${id}`)?.has(canonical(row)) ?? false
  }

  task(id: string): Task | undefined {
    return this.folded.task.get(id)
  }

  private fold(change: RowChange): void {
    const table = this.folded[change.table] as Map<string, object>
    const row = patched(table.get(change.id), change)
    if (!row) {
      table.delete(change.id)
      return
    }
    table.set(change.id, row)
    const key = `${change.table}/${change.id}`
    const versions = this.versions.get(key) ?? new Set()
    this.versions.set(key, versions.add(canonical(row)))
    if (change.table === 'task') {
      const { command, kind, vmId } = row as Task
      if (command) this.commands.add(command.id)
      const vm = kind === 'vm.delete' && vmId ? this.folded.vm.get(vmId) : undefined
      if (vm) this.doomed.add(vm.uuid)
    }
  }
}

/** JSON with its keys in order, so that rows compare by contents. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item ?? null)).join(',')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null'
  let text = ''
  for (const key of Object.keys(value).sort()) {
    const field = (value as Record<string, unknown>)[key]
    if (field !== undefined) text += `,"${key}":${canonical(field)}`
  }
  return `{${text.slice(1)}}`
}

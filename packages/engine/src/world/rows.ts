import type { ChangeEvent, RowWrite, TableName, Tables } from '@drover/model'

/** The write that puts a row. */
export function put<T extends TableName>(table: T, row: Tables[T]): RowWrite {
  return { table, id: row.id, row } as unknown as RowWrite
}

/** The write that deletes a row. */
export function drop(table: TableName, id: string): RowWrite {
  return { table, id, row: null } as RowWrite
}

/** The newest contents that `events` give a row, or `fallback` where they do not touch it; undefined: deleted. */
export function afterEvents<T extends TableName>(
  events: readonly ChangeEvent[],
  table: T,
  id: string,
  fallback: Tables[T] | undefined,
): Tables[T] | undefined {
  let row = fallback
  for (const event of events)
    for (const write of event.rows)
      if (write.table === table && write.id === id) row = (write.row ?? undefined) as Tables[T] | undefined
  return row
}

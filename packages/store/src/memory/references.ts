import type { Tables } from '@drover/model'
import type { Batch } from '../port'
import { references } from '../references'

/** What PostgreSQL's foreign keys refuse: a row that a batch would leave without what it refers to. Throws. */
export function checkReferences(tables: { [T in keyof Tables]: Map<string, string> }, batch: Batch): void {
  const writes = new Map(batch.rows.map((write) => [`${write.table} ${write.id}`, write.row]))
  const isThere = (table: keyof Tables, id: string) => {
    const row = writes.get(`${table} ${id}`)
    return row === undefined ? tables[table].has(id) : row !== null
  }
  const refuse = (table: string, id: string, of: string, parent: string) => {
    throw new Error(`foreign key constraint on ${table}: ${id} refers to ${of} ${parent}, which is not there`)
  }
  for (const { table, field, of } of references) {
    const referred = (row: object) => (row as Record<string, string>)[field] as string
    const gone = new Set<string>()
    for (const { table: written, id, row } of batch.rows) {
      if (written === table && row && !isThere(of, referred(row))) refuse(table, id, of, referred(row))
      if (written === of && row === null) gone.add(id)
    }
    if (gone.size === 0) continue
    for (const [id, json] of tables[table]) {
      if (writes.has(`${table} ${id}`)) continue
      // A look at the text first: parsing every row of a table for each deletion would be slow.
      const parent = [...gone].find((candidate) => json.includes(`"${field}":"${candidate}"`))
      if (parent) refuse(table, id, of, parent)
    }
  }
}

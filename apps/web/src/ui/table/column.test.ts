import { describe, expect, it } from 'vitest'
import { byName, type Column, compareValues, filtered, formatOrder, parseOrder } from './column'

interface Row {
  name: string
  host: string
}
const columns: Column<Row>[] = [
  { id: 'name', header: 'Name', width: '1fr', cell: (row) => row.name, text: (row) => row.name },
  { id: 'host', header: 'Host', width: '1fr', cell: (row) => row.host, text: (row) => row.host },
]
const rows = [
  { name: 'web-10', host: 'esx-01' },
  { name: 'web-2', host: 'esx-02' },
  { name: 'db-1', host: 'esx-01' },
]

describe('lists', () => {
  it('are filtered by words, in any column and case', () => {
    expect(filtered(rows, columns, 'ESX-01 web').map((row) => row.name)).toEqual(['web-10'])
    expect(filtered(rows, columns, '  ')).toBe(rows)
    expect(filtered(rows, columns, 'nothing')).toEqual([])
  })

  it('count the numbers in names', () => {
    expect([...rows].sort(byName).map((row) => row.name)).toEqual(['db-1', 'web-2', 'web-10'])
  })

  it('put nothing last', () => {
    expect([3, null, 1].sort(compareValues)).toEqual([1, 3, null])
  })

  it('keep their order in the address', () => {
    const order = { column: 'cpu', descending: true }
    expect(parseOrder(formatOrder(order), { column: 'name', descending: false })).toEqual(order)
    expect(parseOrder('', order)).toBe(order)
  })
})

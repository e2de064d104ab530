import type { ReactNode } from 'react'

/** One column of a list. */
export interface Column<T> {
  id: string
  header: string
  /** What it sorts by; a column without cannot be sorted by. */
  value?: (row: T) => string | number | null
  /** What the filter looks through. */
  text?: (row: T) => string
  cell: (row: T) => ReactNode
  /** As in `grid-template-columns`: `minmax(140px, 2fr)`. */
  width: string
  right?: boolean
  /** What it says is there to be read: it takes as many lines as it needs. */
  wrap?: boolean
  /** Not shown unless chosen. */
  extra?: boolean
}

/** `cpu.desc`, `name`: an order as an address holds it. */
export interface Order {
  column: string
  descending: boolean
}

export function parseOrder(text: string, fallback: Order): Order {
  const [column, direction] = text.split('.')
  return column ? { column, descending: direction === 'desc' } : fallback
}

export function formatOrder(order: Order): string {
  return order.descending ? `${order.column}.desc` : order.column
}

/** The rows that hold every word of the filter in some column, regardless of case. */
export function filtered<T>(rows: readonly T[], columns: readonly Column<T>[], filter: string): readonly T[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return rows
  const texts = columns.flatMap((column) => (column.text ? [column.text] : []))
  return rows.filter((row) => {
    const all = texts
      .map((text) => text(row))
      .join('\n')
      .toLowerCase()
    return words.every((word) => all.includes(word))
  })
}

/** Names with numbers in them in the order that people count: `web-2` before `web-10`. */
const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' })

/** Compares two values of a column; nothing comes last. */
export function compareValues(a: string | number | null, b: string | number | null): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return collator.compare(String(a), String(b))
}

/** Compares by name, counting numbers as numbers. */
export function byName(a: { name: string }, b: { name: string }): number {
  return collator.compare(a.name, b.name)
}

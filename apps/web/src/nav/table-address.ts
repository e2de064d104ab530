import { useMemo } from 'react'
import { type Column, formatOrder, type Order, parseOrder } from '../ui/table/column'
import { setParams, useParam } from './address'

const byNameUp: Order = { column: 'name', descending: false }

/** Filter, order and columns of a list, kept in the address. */
export function useTableAddress<T>(columns: readonly Column<T>[], fallback: Order = byNameUp) {
  const [filter, setFilter] = useParam('q')
  const [sort] = useParam('sort')
  const [cols] = useParam('cols')
  const extra = useMemo(() => columns.filter((column) => column.extra).map((column) => column.id), [columns])
  const hidden = useMemo(() => {
    if (!cols) return new Set(extra)
    const shown = new Set(cols.split(','))
    return new Set(columns.filter((column) => !shown.has(column.id)).map((column) => column.id))
  }, [cols, columns, extra])
  const order = useMemo(() => {
    const wanted = parseOrder(sort, fallback)
    return columns.some((column) => column.id === wanted.column && column.value) ? wanted : fallback
  }, [sort, fallback, columns])

  return {
    filter,
    setFilter,
    order,
    setOrder: (next: Order) =>
      setParams({ sort: formatOrder(next) === formatOrder(fallback) ? null : formatOrder(next) }),
    hidden,
    setHidden: (next: ReadonlySet<string>) => {
      const same = next.size === extra.length && extra.every((id) => next.has(id))
      const shown = columns.filter((column) => !next.has(column.id)).map((column) => column.id)
      setParams({ cols: same ? null : shown.join(',') })
    },
  }
}

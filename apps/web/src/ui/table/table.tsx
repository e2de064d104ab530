import {
  columnVisibilityFeature,
  createSortedRowModel,
  rowSelectionFeature,
  rowSortingFeature,
  tableFeatures,
  useTable,
} from '@tanstack/react-table'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, type ReactNode, useMemo, useRef, useState } from 'react'
import type { Action } from '../action'
import { cx } from '../cx'
import { ActionContext } from '../menu'
import { type Column, compareValues, type Order } from './column'

const features = tableFeatures({
  rowSortingFeature,
  columnVisibilityFeature,
  rowSelectionFeature,
  sortedRowModel: createSortedRowModel(),
})

export const rowHeight = 32

export interface TableProps<T extends { id: string }> {
  label: string
  rows: readonly T[]
  columns: readonly Column<T>[]
  order: Order
  onOrder: (order: Order) => void
  /** Ids of hidden columns. */
  hidden?: ReadonlySet<string>
  selected?: ReadonlySet<string>
  onSelected?: (ids: Set<string>) => void
  /** The menu of a row, on the right mouse button. */
  actions?: (row: T) => readonly Action[]
  /** Enter on a row. */
  onOpen?: (row: T) => void
  /** What stands below the heads when there are no rows. */
  empty: ReactNode
  /** Called when the end comes near, to fetch more. */
  onEnd?: () => void
}

/** A list of any length: only what is in view is drawn. Sorting, selection and hidden columns are its owner's. */
export function Table<T extends { id: string }>(props: TableProps<T>) {
  const { rows, columns, order, hidden, selected, onSelected, actions, onOpen, empty } = props
  const scroller = useRef<HTMLDivElement>(null)
  const [menuRow, setMenuRow] = useState<T | null>(null)
  const [active, setActive] = useState(0)
  const anchor = useRef<string | null>(null)
  const definitions = useMemo(
    () =>
      columns.map((column) => ({
        id: column.id,
        accessorFn: (row: T) => column.value?.(row) ?? null,
        sortFn: (a: { original: T }, b: { original: T }) =>
          compareValues(column.value?.(a.original) ?? null, column.value?.(b.original) ?? null),
      })),
    [columns],
  )
  const table = useTable({
    features,
    columns: definitions as never,
    data: rows as T[],
    getRowId: (row: T) => row.id,
    state: {
      sorting: [{ id: order.column, desc: order.descending }],
      columnVisibility: Object.fromEntries([...(hidden ?? [])].map((id) => [id, false])),
      rowSelection: Object.fromEntries([...(selected ?? [])].map((id) => [id, true])),
    },
  })
  const sorted = table.getRowModel().rows
  const shown = columns.filter((column) => !hidden?.has(column.id))
  const grid = `${onSelected ? '32px ' : ''}${shown.map((column) => column.width).join(' ')}`
  const virtualizer = useVirtualizer({
    count: sorted.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => sorted[index]!.id,
    overscan: 12,
  })
  const wraps = shown.some((column) => column.wrap)
  const items = virtualizer.getVirtualItems()
  const last = items.at(-1)?.index ?? -1
  if (props.onEnd && last >= sorted.length - 10) queueMicrotask(props.onEnd)

  function toggle(id: string, range: boolean) {
    const next = new Set(selected)
    const on = !next.has(id)
    const ids = sorted.map((row) => row.id)
    const from = range && anchor.current ? ids.indexOf(anchor.current) : ids.indexOf(id)
    const to = ids.indexOf(id)
    for (const each of ids.slice(Math.min(from, to), Math.max(from, to) + 1)) {
      if (on) next.add(each)
      else next.delete(each)
    }
    anchor.current = id
    onSelected?.(next)
  }

  function keys(event: KeyboardEvent) {
    const row = sorted[active]
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 15, PageUp: -15 }[event.key]
    if (step) {
      event.preventDefault()
      const next = Math.max(0, Math.min(sorted.length - 1, active + step))
      setActive(next)
      virtualizer.scrollToIndex(next)
      requestAnimationFrame(() =>
        scroller.current?.querySelector<HTMLElement>(`[data-index="${next}"]`)?.focus(),
      )
    } else if (event.target !== event.currentTarget.ownerDocument.activeElement || !row) return
    else if ((event.target as HTMLElement).tagName !== 'TR') return
    else if (event.key === 'Enter') onOpen?.(row.original)
    else if (event.key === ' ' && onSelected) {
      event.preventDefault()
      toggle(row.id, event.shiftKey)
    }
  }

  const body = (
    <tbody
      onKeyDown={keys}
      className="relative block"
      style={{ height: virtualizer.getTotalSize() }}
      onContextMenu={(event) => {
        const index = (event.target as HTMLElement).closest<HTMLElement>('[data-index]')?.dataset.index
        setMenuRow(index === undefined ? null : (sorted[Number(index)]?.original ?? null))
      }}
    >
      {items.map((item) => {
        const row = sorted[item.index]!
        const chosen = selected?.has(row.id)
        return (
          <tr
            key={row.id}
            data-index={item.index}
            ref={wraps ? virtualizer.measureElement : undefined}
            aria-rowindex={item.index + 2}
            aria-selected={onSelected ? Boolean(chosen) : undefined}
            tabIndex={item.index === Math.min(active, sorted.length - 1) ? 0 : -1}
            onFocus={() => setActive(item.index)}
            className={cx(
              'absolute inset-x-0 grid border-b border-line',
              wraps ? 'items-start [&>td]:py-1.5' : 'items-center',
              chosen ? 'bg-selected' : 'hover:bg-hover',
            )}
            style={{
              [wraps ? 'minHeight' : 'height']: rowHeight,
              transform: `translateY(${item.start}px)`,
              gridTemplateColumns: grid,
            }}
          >
            {onSelected && (
              <td className="grid place-items-center">
                <input
                  type="checkbox"
                  aria-label={`Select ${(row.original as { name?: string }).name ?? 'row'}`}
                  checked={Boolean(chosen)}
                  onChange={() => undefined}
                  onClick={(event) => toggle(row.id, event.shiftKey)}
                  className="accent-(--accent)"
                />
              </td>
            )}
            {shown.map((column) => (
              <td
                key={column.id}
                className={cx(
                  'px-2 first:pl-4 last:pr-4',
                  column.wrap ? 'min-w-0' : 'truncate',
                  column.right && 'text-right',
                )}
              >
                {column.cell(row.original)}
              </td>
            ))}
          </tr>
        )
      })}
    </tbody>
  )

  return (
    <div ref={scroller} className="relative min-h-0 flex-1 overflow-auto border-t border-line bg-surface">
      <table aria-label={props.label} aria-rowcount={sorted.length + 1} className="block min-w-min">
        <thead className="sticky top-0 z-[1] block bg-surface">
          <tr
            className="grid h-8 items-center border-b border-line-strong"
            style={{ gridTemplateColumns: grid }}
          >
            {onSelected && (
              <th className="grid place-items-center">
                <input
                  type="checkbox"
                  aria-label="Select all"
                  checked={sorted.length > 0 && sorted.every((row) => selected?.has(row.id))}
                  onChange={(event) =>
                    onSelected(new Set(event.target.checked ? sorted.map((row) => row.id) : []))
                  }
                  className="accent-(--accent)"
                />
              </th>
            )}
            {shown.map((column) => (
              <Head key={column.id} column={column} order={order} onOrder={props.onOrder} />
            ))}
          </tr>
        </thead>
        {actions ? <ActionContext actions={menuRow ? actions(menuRow) : []}>{body}</ActionContext> : body}
      </table>
      {sorted.length === 0 && empty}
    </div>
  )
}

function Head<T>({
  column,
  order,
  onOrder,
}: {
  column: Column<T>
  order: Order
  onOrder: (order: Order) => void
}) {
  const mine = order.column === column.id
  const sort = mine ? (order.descending ? 'descending' : 'ascending') : undefined
  return (
    <th
      aria-sort={sort}
      className={cx(
        'truncate px-2 text-sm font-medium text-text-3 first:pl-4 last:pr-4',
        column.right ? 'text-right' : 'text-left',
      )}
    >
      {column.value ? (
        <button
          type="button"
          onClick={() => onOrder({ column: column.id, descending: mine && !order.descending })}
          className={cx('hover:text-text', mine && 'text-text')}
        >
          {column.header}
          {mine && <span aria-hidden>{order.descending ? ' ↓' : ' ↑'}</span>}
        </button>
      ) : (
        column.header
      )}
    </th>
  )
}

import { Columns3, Search } from 'lucide-react'
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react'
import type { Action } from '../ui/action'
import { Blank } from '../ui/blank'
import { Button } from '../ui/button'
import { cx } from '../ui/cx'
import { CheckMenu } from '../ui/menu'
import { type Column, filtered, type Order } from '../ui/table/column'
import { Table } from '../ui/table/table'
import { setParams } from './address'
import { useTableAddress } from './table-address'

interface Props<T extends { id: string }> {
  label: string
  /** One of them, for counts and empty lists: `VM`. */
  noun: string
  rows: readonly T[]
  columns: readonly Column<T>[]
  fallback?: Order
  actions?: (row: T) => readonly Action[]
  onOpen?: (row: T) => void
  /** Shown when there is nothing at all. */
  empty: ReactNode
  /** Between filter and column chooser. */
  tools?: ReactNode
  /** What may be done with the chosen ones; makes rows selectable. */
  bulk?: (rows: T[], clear: () => void) => ReactNode
}

/** A list with filter, columns, order, selection: everything but the selection is in the address. */
export function List<T extends { id: string }>(props: Props<T>) {
  const { rows, columns } = props
  const address = useTableAddress(columns, props.fallback)
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const found = useMemo(() => filtered(rows, columns, address.filter), [rows, columns, address.filter])
  const chosen = useMemo(() => rows.filter((row) => selected.has(row.id)), [rows, selected])
  const noun = `${props.noun}${found.length === 1 ? '' : 's'}`
  const shown = new Set(columns.filter((column) => !address.hidden.has(column.id)).map((column) => column.id))

  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex min-h-11 flex-wrap items-center gap-2 px-4 py-1.5">
        {props.bulk && chosen.length > 0 ? (
          <>
            <span className="font-medium" role="status">
              {chosen.length} chosen
            </span>
            {props.bulk(chosen, () => setSelected(new Set()))}
            <Button look="ghost" onClick={() => setSelected(new Set())}>
              Clear
            </Button>
          </>
        ) : (
          <FilterBox value={address.filter} onChange={address.setFilter} label={`Filter ${props.label}`} />
        )}
        <span className="flex-1" />
        {props.tools}
        <span className="text-sm text-text-3">
          {found.length === rows.length
            ? `${rows.length} ${noun}`
            : `${found.length} of ${rows.length} ${noun}`}
        </span>
        <CheckMenu
          label="Columns"
          trigger={<Button look="ghost" icon={Columns3} aria-label="Choose columns" />}
          options={columns.map((column) => ({ value: column.id, label: column.header }))}
          chosen={shown}
          onChange={(next) =>
            address.setHidden(new Set(columns.filter((c) => !next.has(c.id)).map((c) => c.id)))
          }
        />
      </div>
      <Table
        label={props.label}
        rows={found}
        columns={columns}
        order={address.order}
        onOrder={address.setOrder}
        hidden={address.hidden}
        selected={props.bulk ? selected : undefined}
        onSelected={props.bulk ? setSelected : undefined}
        actions={props.actions}
        onOpen={props.onOpen}
        empty={
          rows.length === 0 ? (
            props.empty
          ) : (
            <Blank
              icon={Search}
              title={`No ${props.noun} matches “${address.filter}”`}
              action={<Button onClick={() => setParams({ q: null })}>Clear the filter</Button>}
            />
          )
        }
      />
    </div>
  )
}

/** Typed text appears at once; the address follows. `/` jumps here, Esc empties it. */
export function FilterBox({
  value,
  onChange,
  label,
  narrow,
}: {
  value: string
  onChange: (value: string) => void
  label: string
  narrow?: boolean
}) {
  const [text, setText] = useState(value)
  const sent = useRef(value)
  useEffect(() => {
    if (value !== sent.current) setText(value)
    sent.current = value
  }, [value])
  useEffect(() => {
    if (text === sent.current) return
    const timer = setTimeout(() => {
      sent.current = text
      onChange(text)
    }, 120)
    return () => clearTimeout(timer)
  }, [text, onChange])
  return (
    <div className="relative">
      <Search size={14} className="absolute left-2 top-2 text-text-3" aria-hidden />
      <input
        data-filter
        type="search"
        value={text}
        aria-label={label}
        placeholder="Filter"
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return
          setText('')
          event.currentTarget.blur()
        }}
        className={cx(
          'h-[30px] max-w-[50vw] rounded-md border border-line-strong bg-surface pl-7 pr-2 placeholder:text-text-3',
          narrow ? 'w-40' : 'w-64',
        )}
      />
    </div>
  )
}

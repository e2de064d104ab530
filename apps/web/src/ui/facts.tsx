import type { ReactNode } from 'react'
import { cx } from './cx'

/** A titled box of a summary page. */
export function Panel({
  title,
  aside,
  children,
  className,
}: {
  title: string
  aside?: ReactNode
  children: ReactNode
  className?: string
}) {
  return (
    <section className={cx('panel min-w-0', className)} aria-label={title}>
      <header className="flex h-9 items-center justify-between gap-2 border-b border-line px-3">
        <h2 className="font-medium">{title}</h2>
        {aside && <div className="flex items-center gap-2 text-sm text-text-3">{aside}</div>}
      </header>
      {children}
    </section>
  )
}

/** Names and values, aligned. */
export function Facts({
  rows,
}: {
  rows: readonly (readonly [string, ReactNode] | null | undefined | false)[]
}) {
  return (
    <dl className="grid grid-cols-[minmax(96px,auto)_1fr] gap-x-4 gap-y-1 px-3 py-2">
      {rows.map(
        (row) =>
          row && (
            <div key={row[0]} className="contents">
              <dt className="text-text-3">{row[0]}</dt>
              <dd className="min-w-0 break-words">{row[1]}</dd>
            </div>
          ),
      )}
    </dl>
  )
}

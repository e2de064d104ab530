import type { LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button } from './button'
import { cx } from './cx'

/** Nothing here: what this would be, and the first thing to do. */
export function Blank({
  icon: Icon,
  title,
  children,
  action,
  className,
}: {
  icon?: LucideIcon
  title: string
  children?: ReactNode
  action?: ReactNode
  className?: string
}) {
  return (
    <div className={cx('grid justify-items-center gap-2 px-6 py-12 text-center', className)}>
      {Icon && <Icon size={22} strokeWidth={1.5} className="text-text-3" aria-hidden />}
      <h2 className="text-lg font-medium">{title}</h2>
      {children && <div className="max-w-[56ch] text-text-2">{children}</div>}
      {action && <div className="mt-2 flex gap-2">{action}</div>}
    </div>
  )
}

/** Something failed: what, and how to try again. */
export function Trouble({
  title,
  children,
  onRetry,
}: {
  title: string
  children: ReactNode
  onRetry?: () => void
}) {
  return (
    <div role="alert" className="m-4 grid gap-2 rounded-lg border border-error/40 bg-surface p-4">
      <h2 className="font-medium text-error">{title}</h2>
      <div className="text-text-2">{children}</div>
      {onRetry && (
        <div>
          <Button onClick={onRetry}>Try again</Button>
        </div>
      )}
    </div>
  )
}

/** The layout to come, in grey; shows only when it takes longer than 150 ms. */
export function Skeleton({ rows = 8, className }: { rows?: number; className?: string }) {
  return (
    <div role="status" aria-label="Loading" className={cx('late grid gap-px', className)}>
      {Array.from({ length: rows }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows of a skeleton have no identity
        <div key={i} className="flex h-8 items-center gap-4 px-4">
          <div className="h-2.5 rounded-sm bg-sunken" style={{ width: `${18 + ((i * 7) % 12)}%` }} />
          <div className="h-2.5 w-20 rounded-sm bg-sunken" />
          <div className="h-2.5 flex-1 rounded-sm bg-sunken" />
        </div>
      ))}
    </div>
  )
}

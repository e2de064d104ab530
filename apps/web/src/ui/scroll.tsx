import type { ReactNode } from 'react'
import { cx } from './cx'

/** Contents that may be longer or wider than their place; scrolled with the keyboard, too. */
export function Scroll({
  label,
  className,
  children,
}: {
  label: string
  className?: string
  children: ReactNode
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: whoever has no wheel scrolls by keys, and needs to get there
    <section aria-label={label} tabIndex={0} className={cx('overflow-auto', className)}>
      {children}
    </section>
  )
}

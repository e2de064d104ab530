import type { LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'

/** The head of a page that is about no object of the inventory. */
export function PageHead({
  icon: Icon,
  title,
  children,
}: {
  icon: LucideIcon
  title: string
  children?: ReactNode
}) {
  return (
    <header className="flex min-h-14 shrink-0 flex-wrap items-center gap-3 border-b border-line bg-surface px-4 py-2">
      <Icon size={20} strokeWidth={1.5} className="text-text-3" aria-hidden />
      <h1 className="text-xl font-semibold">{title}</h1>
      <span className="flex-1" />
      {children}
    </header>
  )
}

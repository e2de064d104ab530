import type { LucideIcon } from 'lucide-react'

/** Something that may be done: one value for the button, the menu row, the palette entry. */
export interface Action {
  id: string
  label: string
  icon?: LucideIcon
  /** Why it cannot be done now, as sentences; none: it can. */
  reasons: readonly string[]
  danger?: boolean
  /** Where a menu draws a line above it. */
  group?: string
  run: () => void
}

import { Tooltip } from 'radix-ui'
import type { ReactNode } from 'react'

interface Props {
  text: ReactNode
  children: ReactNode
  side?: 'top' | 'right' | 'bottom' | 'left'
  /** Nothing to say: the child alone. */
  off?: boolean
}

/** Says more about what it wraps, on hover and on focus. */
export function Tip({ text, children, side = 'top', off }: Props) {
  if (off) return children
  return (
    <Tooltip.Root>
      <Tooltip.Trigger asChild>{children}</Tooltip.Trigger>
      <Tooltip.Portal>
        <Tooltip.Content
          side={side}
          sideOffset={6}
          collisionPadding={8}
          className="z-[60] max-w-80 rounded-md border border-line-strong bg-raised px-2 py-1 text-sm text-text shadow-(--shadow)"
        >
          {text}
        </Tooltip.Content>
      </Tooltip.Portal>
    </Tooltip.Root>
  )
}

export const TipProvider = Tooltip.Provider

/** Reasons against, one a line. */
export function Reasons({ reasons }: { reasons: readonly string[] }) {
  if (reasons.length === 1) return reasons[0]
  return (
    <ul className="grid gap-1">
      {reasons.map((reason) => (
        <li key={reason}>{reason}</li>
      ))}
    </ul>
  )
}

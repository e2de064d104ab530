import type { LucideIcon } from 'lucide-react'
import { type ButtonHTMLAttributes, forwardRef, useId } from 'react'
import type { Action } from './action'
import { cx } from './cx'
import { Reasons, Tip } from './tooltip'

const looks = {
  plain: 'border border-line-strong bg-surface text-text hover:bg-hover',
  primary: 'bg-accent text-on-accent hover:bg-accent-hover font-medium',
  danger: 'bg-danger text-on-danger hover:bg-danger-hover font-medium',
  ghost: 'text-text-2 hover:bg-hover hover:text-text',
}

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: keyof typeof looks
  icon?: LucideIcon
  /** Why it cannot be pressed now. It stays focusable, and says so on hover, on focus and to a screen reader. */
  reasons?: readonly string[]
  /** An answer is on its way. */
  busy?: boolean
}

export const Button = forwardRef<HTMLButtonElement, ButtonProps>(function Button(
  { look = 'plain', icon: Icon, reasons = [], busy, className, children, onClick, ...rest },
  ref,
) {
  const id = useId()
  const blocked = reasons.length > 0 || busy === true
  const button = (
    <button
      ref={ref}
      type="button"
      aria-disabled={blocked || undefined}
      aria-busy={busy || undefined}
      aria-describedby={reasons.length > 0 ? id : undefined}
      onClick={(event) => (blocked ? event.preventDefault() : onClick?.(event))}
      className={cx(
        'inline-flex h-7 shrink-0 select-none items-center gap-1.5 whitespace-nowrap rounded-md',
        blocked
          ? 'cursor-not-allowed! border border-line bg-transparent text-text-3 opacity-75'
          : looks[look],
        children ? 'px-2.5' : 'w-7 justify-center',
        className,
      )}
      {...rest}
    >
      {Icon && <Icon size={14} aria-hidden strokeWidth={1.75} />}
      {children}
    </button>
  )
  if (reasons.length === 0) return button
  return (
    <>
      <Tip text={<Reasons reasons={reasons} />} side="bottom">
        {button}
      </Tip>
      <span id={id} className="sr-only">
        {reasons.join(' ')}
      </span>
    </>
  )
})

/** The button of an action. */
export function ActionButton({ action, look }: { action: Action; look?: ButtonProps['look'] }) {
  return (
    <Button
      look={look}
      icon={action.icon}
      reasons={action.reasons}
      onClick={action.run}
      className={cx(action.danger && look === undefined && 'text-danger')}
    >
      {action.label}
    </Button>
  )
}

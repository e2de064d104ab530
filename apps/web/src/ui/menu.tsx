import { ContextMenu, DropdownMenu } from 'radix-ui'
import type { ReactNode } from 'react'
import type { Action } from './action'
import { cx } from './cx'
import { Reasons, Tip } from './tooltip'

const panel =
  'z-50 min-w-48 max-w-80 rounded-lg border border-line-strong bg-raised p-1 text-base shadow-(--shadow)'
const row =
  'flex h-7 select-none items-center gap-2 rounded-sm px-2 outline-none data-highlighted:bg-hover cursor-default'

type Kit = Pick<typeof DropdownMenu, 'Item' | 'Separator'> | Pick<typeof ContextMenu, 'Item' | 'Separator'>

function Rows({ actions, kit }: { actions: readonly Action[]; kit: Kit }) {
  return actions.map((action, i) => {
    const blocked = action.reasons.length > 0
    const Icon = action.icon
    const line = i > 0 && action.group !== actions[i - 1]?.group
    return (
      <div key={action.id}>
        {line && <kit.Separator className="-mx-1 my-1 h-px bg-line" />}
        <Tip off={!blocked} side="right" text={<Reasons reasons={action.reasons} />}>
          <kit.Item
            aria-disabled={blocked || undefined}
            onSelect={(event: globalThis.Event) => (blocked ? event.preventDefault() : action.run())}
            className={cx(row, blocked ? 'text-text-3' : action.danger ? 'text-danger' : 'text-text')}
          >
            {Icon ? <Icon size={14} aria-hidden strokeWidth={1.75} /> : <span className="w-3.5" />}
            <span className="flex-1">{action.label}</span>
            {blocked && <span className="sr-only">Not possible: {action.reasons.join(' ')}</span>}
          </kit.Item>
        </Tip>
      </div>
    )
  })
}

/** A button that opens a menu of actions. */
export function ActionMenu({ trigger, actions }: { trigger: ReactNode; actions: readonly Action[] }) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content loop align="end" sideOffset={4} collisionPadding={8} className={panel}>
          <Rows actions={actions} kit={DropdownMenu} />
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}

/** The same menu on the right mouse button, and on the menu key. `actions` is asked when it opens. */
export function ActionContext({
  actions,
  children,
  onOpenChange,
}: {
  actions: readonly Action[]
  children: ReactNode
  onOpenChange?: (open: boolean) => void
}) {
  return (
    <ContextMenu.Root modal={false} onOpenChange={onOpenChange}>
      <ContextMenu.Trigger asChild>{children}</ContextMenu.Trigger>
      {actions.length > 0 && (
        <ContextMenu.Portal>
          <ContextMenu.Content loop collisionPadding={8} className={panel}>
            <Rows actions={actions} kit={ContextMenu} />
          </ContextMenu.Content>
        </ContextMenu.Portal>
      )}
    </ContextMenu.Root>
  )
}

/** A menu whose rows are choices that stay open while one picks. */
export function CheckMenu({
  trigger,
  label,
  options,
  chosen,
  onChange,
}: {
  trigger: ReactNode
  label: string
  options: readonly { value: string; label: string }[]
  chosen: ReadonlySet<string>
  onChange: (chosen: Set<string>) => void
}) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          loop
          align="end"
          sideOffset={4}
          className={cx(panel, 'max-h-96 overflow-y-auto')}
        >
          <DropdownMenu.Label className="px-2 py-1 text-sm text-text-3">{label}</DropdownMenu.Label>
          {options.map((option) => (
            <DropdownMenu.CheckboxItem
              key={option.value}
              checked={chosen.has(option.value)}
              onSelect={(event) => event.preventDefault()}
              onCheckedChange={(on) => {
                const next = new Set(chosen)
                if (on) next.add(option.value)
                else next.delete(option.value)
                onChange(next)
              }}
              className={row}
            >
              <span className="grid size-3.5 place-items-center rounded-sm border border-line-strong text-accent">
                <DropdownMenu.ItemIndicator>✓</DropdownMenu.ItemIndicator>
              </span>
              {option.label}
            </DropdownMenu.CheckboxItem>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}

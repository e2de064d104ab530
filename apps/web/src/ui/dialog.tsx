import { X } from 'lucide-react'
import { Dialog as Radix } from 'radix-ui'
import type { FormEvent, KeyboardEvent, ReactNode } from 'react'
import { Button } from './button'
import { cx } from './cx'
import { returnToOpener } from './opener'

interface Props {
  title: string
  /** What this is about, in one or two sentences. */
  about?: ReactNode
  children?: ReactNode
  footer: ReactNode
  /** `huge`: for a form with what it would do beside it. */
  wide?: boolean | 'huge'
  onClose: () => void
  /** Called by the submitting button and by ⌘↵ / Ctrl ↵. */
  onSubmit?: () => void
  /** Enter alone never confirms a danger. */
  danger?: boolean
}

/** Where one begins: the first thing to fill in, or else the safe way out; not the cross in the corner. */
const firstStop = ':is(input,select,textarea):enabled:not([readonly]), footer button'

export function Dialog({ title, about, children, footer, wide, onClose, onSubmit, danger }: Props) {
  function keys(event: KeyboardEvent<HTMLFormElement>) {
    if (event.key !== 'Enter') return
    if (event.metaKey || event.ctrlKey) {
      event.preventDefault()
      onSubmit?.()
    } else if (danger && (event.target as HTMLElement).tagName === 'INPUT') event.preventDefault()
  }
  function submit(event: FormEvent) {
    event.preventDefault()
    onSubmit?.()
  }
  return (
    <Radix.Root open onOpenChange={(open) => !open && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-[rgb(0_0_0/0.45)]" />
        <Radix.Content
          {...(about ? {} : { 'aria-describedby': undefined })}
          onOpenAutoFocus={(event) => {
            const first = (event.currentTarget as HTMLElement).querySelector<HTMLElement>(firstStop)
            if (!first) return
            event.preventDefault()
            first.focus()
          }}
          onCloseAutoFocus={(event) => {
            event.preventDefault()
            returnToOpener()
          }}
          className={cx(
            'fixed left-1/2 top-[6vh] z-50 flex max-h-[88vh] -translate-x-1/2 flex-col rounded-lg border border-line-strong bg-raised shadow-(--shadow)',
            wide === 'huge'
              ? 'w-[min(1200px,calc(100vw-16px))]'
              : wide
                ? 'w-[min(860px,calc(100vw-16px))]'
                : 'w-[min(520px,calc(100vw-16px))]',
          )}
        >
          <form onSubmit={submit} onKeyDown={keys} noValidate className="flex min-h-0 flex-col">
            <header className="flex items-start gap-3 border-b border-line px-4 py-3">
              <div className="min-w-0 flex-1">
                <Radix.Title className="text-lg font-semibold">{title}</Radix.Title>
                {about && (
                  <Radix.Description asChild>
                    <div className="mt-0.5 text-text-2">{about}</div>
                  </Radix.Description>
                )}
              </div>
              <Radix.Close asChild>
                <Button look="ghost" icon={X} aria-label="Close" />
              </Radix.Close>
            </header>
            {children && <div className="min-h-0 flex-1 overflow-y-auto px-4 py-3">{children}</div>}
            <footer className="flex items-center justify-end gap-2 border-t border-line px-4 py-3">
              {footer}
            </footer>
          </form>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

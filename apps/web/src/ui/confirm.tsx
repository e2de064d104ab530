import { type ReactNode, useState } from 'react'
import { Button } from './button'
import { Dialog } from './dialog'
import { Field, Input } from './field'

/**
 * Asks before something is lost. `type`: what has to be typed first; only when running work or data dies. `why`: asks
 * for a reason too, with what becomes of it.
 */
export function Confirm({
  title,
  about,
  children,
  label,
  danger,
  wide,
  type,
  why,
  reasons = [],
  run,
  onClose,
}: {
  title: string
  about?: ReactNode
  children?: ReactNode
  /** Of the button that does it. */
  label: string
  danger?: boolean
  wide?: boolean
  type?: string
  why?: string
  reasons?: readonly string[]
  /** Resolves to whether it was accepted; then the dialog closes. */
  run: (reason: string | undefined) => Promise<boolean>
  onClose: () => void
}) {
  const [typed, setTyped] = useState('')
  const [reason, setReason] = useState('')
  const [busy, setBusy] = useState(false)
  const missing = type !== undefined && typed.trim() !== type ? [`Type ${type} first.`] : []
  const against = [...reasons, ...missing]
  async function submit() {
    if (busy || against.length > 0) return
    setBusy(true)
    const done = await run(reason.trim() || undefined)
    setBusy(false)
    if (done) onClose()
  }
  return (
    <Dialog
      title={title}
      about={about}
      danger={danger}
      wide={wide}
      onClose={onClose}
      onSubmit={() => void submit()}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look={danger ? 'danger' : 'primary'}
            type={danger ? 'button' : 'submit'}
            onClick={danger ? () => void submit() : undefined}
            busy={busy}
            reasons={against}
          >
            {label}
          </Button>
        </>
      }
    >
      {(children || type !== undefined || why !== undefined) && (
        <div className="grid gap-3">
          {children}
          {type !== undefined && (
            <Field label={`Type ${type} to confirm`}>
              <Input value={typed} onChange={(event) => setTyped(event.target.value)} />
            </Field>
          )}
          {why !== undefined && (
            <Field label="Reason" hint={why}>
              <Input value={reason} onChange={(event) => setReason(event.target.value)} maxLength={500} />
            </Field>
          )}
        </div>
      )}
    </Dialog>
  )
}

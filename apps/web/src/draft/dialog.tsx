import { type ReactNode, useState } from 'react'
import { closeDialog } from '../console/store'
import { Button } from '../ui/button'
import { Dialog } from '../ui/dialog'
import { Field, Input } from '../ui/field'

/**
 * A form of rules about load: the sentence that they make on top, why they are changed at the end, and beside it what they
 * would do.
 */
export function DraftDialog({
  title,
  sentence,
  label,
  reasons,
  save,
  draft,
  children,
}: {
  title: string
  /** What is typed, in words; null: it cannot be understood yet. */
  sentence: string | null
  /** Of the button that saves it. */
  label: string
  /** Why it cannot be saved. */
  reasons: readonly string[]
  /** Resolves to whether it was accepted; then the dialog closes. */
  save: (why: { reason?: string }) => Promise<boolean>
  /** What it would do. */
  draft: ReactNode
  children: ReactNode
}) {
  const [reason, setReason] = useState('')
  const [busy, setBusy] = useState(false)
  async function submit() {
    if (busy || reasons.length > 0) return
    setBusy(true)
    const done = await save(reason.trim() ? { reason: reason.trim() } : {})
    setBusy(false)
    if (done) closeDialog()
  }
  return (
    <Dialog
      wide="huge"
      title={title}
      onClose={closeDialog}
      onSubmit={() => void submit()}
      footer={
        <>
          <Button onClick={closeDialog}>Cancel</Button>
          <Button look="primary" type="submit" busy={busy} reasons={reasons}>
            {label}
          </Button>
        </>
      }
    >
      <div className="grid gap-4 lg:grid-cols-[minmax(0,1fr)_minmax(0,420px)]">
        <div className="grid min-w-0 content-start gap-4">
          <p aria-live="polite" className="rounded-md border border-line bg-canvas px-3 py-2 font-medium">
            {sentence ?? 'Mend the fields marked red.'}
          </p>
          {children}
          <Field label="Reason" hint="Optional; kept in the history.">
            <Input value={reason} maxLength={500} onChange={(event) => setReason(event.target.value)} />
          </Field>
        </div>
        {draft}
      </div>
    </Dialog>
  )
}

import { Check, Copy } from 'lucide-react'
import { useState } from 'react'
import { Button } from './button'

/** Puts a text on the clipboard and says so. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const [copied, setCopied] = useState(false)
  async function copy() {
    if (!(await toClipboard(text))) return
    setCopied(true)
    setTimeout(() => setCopied(false), 2_000)
  }
  return (
    <Button icon={copied ? Check : Copy} onClick={() => void copy()} aria-live="polite">
      {copied ? 'Copied' : label}
    </Button>
  )
}

/** Browsers have no clipboard for a page that came by plain HTTP from another machine; there the old way works. */
async function toClipboard(text: string): Promise<boolean> {
  if (navigator.clipboard)
    return navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    )
  const field = document.createElement('textarea')
  field.value = text
  // Inside the open dialog: outside of it the focus would be taken back.
  const home = document.activeElement?.closest('[role=dialog]') ?? document.body
  home.append(field)
  field.select()
  const copied = document.execCommand('copy')
  field.remove()
  return copied
}

/** One command, on as many lines as it has, to be copied as it stands. */
export function Command({ text, label = 'Copy' }: { text: string; label?: string }) {
  return (
    <div className="flex items-start gap-2 max-sm:flex-col-reverse rounded-md border border-line bg-sunken p-2">
      <code className="num flex-1 select-all whitespace-pre-wrap break-all py-1">{text}</code>
      <CopyButton text={text} label={label} />
    </div>
  )
}

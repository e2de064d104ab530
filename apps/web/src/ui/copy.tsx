import { Check, Copy } from 'lucide-react'
import { useState } from 'react'
import { Button } from './button'

/** Puts a text on the clipboard and says so. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const [copied, setCopied] = useState(false)
  async function copy() {
    await navigator.clipboard.writeText(text)
    setCopied(true)
    setTimeout(() => setCopied(false), 2_000)
  }
  return (
    <Button icon={copied ? Check : Copy} onClick={() => void copy()} aria-live="polite">
      {copied ? 'Copied' : label}
    </Button>
  )
}

/** One command, to be copied as it stands. */
export function Command({ text, label = 'Copy' }: { text: string; label?: string }) {
  return (
    <div className="flex items-start gap-2 rounded-md border border-line bg-sunken p-2">
      <code className="num flex-1 select-all break-all py-1">{text}</code>
      <CopyButton text={text} label={label} />
    </div>
  )
}

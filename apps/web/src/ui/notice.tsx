import type { ReactNode } from 'react'
import { Mark, type Tone } from './state'

/** What has to be known before anything else on a page, with what there is to do about it. */
export function Notice({ tone, children }: { tone: Tone; children: ReactNode }) {
  const urgent = tone === 'warning' || tone === 'error'
  return (
    <div role={urgent ? 'alert' : 'status'} className="panel flex items-start gap-2 px-3 py-2">
      <span className="grid h-5 place-items-center">
        <Mark tone={tone} label={tone} />
      </span>
      <div className="flex min-w-0 flex-1 flex-wrap items-center gap-x-2 gap-y-1">{children}</div>
    </div>
  )
}

import type { ReactNode } from 'react'
import { Mark, type Tone } from './state'

/** What has to be known before anything else on a page, with what there is to do about it. */
export function Notice({ tone, children }: { tone: Tone; children: ReactNode }) {
  const urgent = tone === 'warning' || tone === 'error'
  return (
    <div
      role={urgent ? 'alert' : 'status'}
      className="panel flex flex-wrap items-center gap-x-2 gap-y-1 px-3 py-2"
    >
      <Mark tone={tone} label={tone} />
      {children}
    </div>
  )
}

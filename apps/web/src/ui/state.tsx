import { cx } from './cx'

/** What a state means for whoever looks: its colour and its shape. The word comes with it. */
export type Tone = 'ok' | 'off' | 'working' | 'warning' | 'error' | 'maintenance' | 'standby'

const colours: Record<Tone, string> = {
  ok: 'text-ok',
  off: 'text-off',
  working: 'text-working',
  warning: 'text-warning',
  error: 'text-error',
  maintenance: 'text-maintenance',
  standby: 'text-standby',
}

/** One shape a tone, so that nobody needs to see the colour. */
const shapes: Record<Tone, React.ReactNode> = {
  ok: <circle cx="6" cy="6" r="4.5" fill="currentColor" />,
  off: <circle cx="6" cy="6" r="3.75" fill="none" stroke="currentColor" strokeWidth="1.5" />,
  working: (
    <>
      <circle cx="6" cy="6" r="3.75" fill="none" stroke="currentColor" strokeWidth="1.5" />
      <path d="M6 2.2a3.8 3.8 0 0 1 0 7.6z" fill="currentColor" />
    </>
  ),
  warning: <path d="M6 1.2 11.2 10.6H.8z" fill="currentColor" />,
  error: <rect x="1.6" y="1.6" width="8.8" height="8.8" rx="1" fill="currentColor" />,
  maintenance: <path d="M6 .8 11.2 6 6 11.2.8 6z" fill="currentColor" />,
  standby: <path d="M8 1.3A5 5 0 1 0 10.8 8 4.2 4.2 0 0 1 8 1.3z" fill="currentColor" />,
}

/** The mark alone; give `label` where no word stands beside it. */
export function Mark({ tone, label, size = 10 }: { tone: Tone; label?: string; size?: number }) {
  return (
    <>
      <svg
        width={size}
        height={size}
        viewBox="0 0 12 12"
        aria-hidden="true"
        className={cx('shrink-0', colours[tone])}
      >
        {shapes[tone]}
      </svg>
      {label && <span className="sr-only">{label}</span>}
    </>
  )
}

/** Mark and word. */
export function State({ tone, word, className }: { tone: Tone; word: string; className?: string }) {
  return (
    <span className={cx('inline-flex items-center gap-1.5 whitespace-nowrap', className)}>
      <Mark tone={tone} />
      <span className={colours[tone]}>{word}</span>
    </span>
  )
}

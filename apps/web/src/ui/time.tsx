import { sayAgo, sayExact, sayFor, sayShort } from '../format/time'
import { useTimed } from './clock'
import { Tip } from './tooltip'

interface Props {
  at: number
  className?: string
}

/** `3 min ago`; the exact time on hover. */
export function Ago({ at, className }: Props) {
  return <Timed at={at} className={className} text={useTimed((now) => sayAgo(at, now))} />
}

/** `for 3 min`, counting. */
export function Since({ at, className }: Props) {
  return <Timed at={at} className={className} text={useTimed((now) => sayFor(at, now))} />
}

/** `14:03:22`, or the date of another day; the exact time on hover. */
export function At({ at, className }: Props) {
  return <Timed at={at} className={className} text={useTimed((now) => sayShort(at, now))} />
}

function Timed({ at, className, text }: Props & { text: string }) {
  return (
    <Tip text={sayExact(at)}>
      <time dateTime={new Date(at).toISOString()} className={className}>
        {text}
      </time>
    </Tip>
  )
}

import { sayDuration } from '@drover/model'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** `just now`, `12 s ago`, `3 min ago`, `5 h ago`, then the date. Both in epoch ms. */
export function sayAgo(at: number, now: number): string {
  const ago = now - at
  if (ago < 2_000) return 'just now'
  if (ago < minute) return `${Math.floor(ago / 1000)} s ago`
  if (ago < hour) return `${Math.floor(ago / minute)} min ago`
  if (ago < day) return `${Math.floor(ago / hour)} h ago`
  if (ago < 7 * day) return sayCountOfDays(Math.floor(ago / day))
  return sayDate(at)
}

function sayCountOfDays(days: number): string {
  return days === 1 ? '1 day ago' : `${days} days ago`
}

const two = (n: number) => String(n).padStart(2, '0')

/** `2026-07-14`, in the reader's time zone. */
export function sayDate(at: number): string {
  const date = new Date(at)
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}

/** `14:03:22`. */
export function sayClock(at: number): string {
  const date = new Date(at)
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}

/** `2026-07-14 14:03:22.118`: exact, sortable, the same everywhere. */
export function sayExact(at: number): string {
  return `${sayDate(at)} ${sayClock(at)}.${String(new Date(at).getMilliseconds()).padStart(3, '0')}`
}

/** `14:03:22` of today, `07-14 14:03` of other days: for the narrow columns of lists. */
export function sayShort(at: number, now: number): string {
  return sayDate(at) === sayDate(now) ? sayClock(at) : `${sayDate(at).slice(5)} ${sayClock(at).slice(0, 5)}`
}

/** `for 3 min`, of something that began at `at` and goes on. */
export function sayFor(at: number, now: number): string {
  return `for ${sayDuration(Math.max(1000, Math.floor((now - at) / 1000) * 1000))}`
}

import type { TimeWindow } from './window'

const minute = 60_000
const dayMinutes = 1_440
const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const formats = new Map<string, Intl.DateTimeFormat>()

/** Whether a moment (epoch ms) is within one of these windows, by the clocks on the wall there; without windows: always. */
export function withinWindows(windows: readonly TimeWindow[], at: number): boolean {
  return windows.length === 0 || windows.some((window) => within(window, at))
}

/** When the next of these windows opens, or the present one does (`at`); null: none within eight days. */
export function windowOpensAt(windows: readonly TimeWindow[], at: number): number | null {
  if (withinWindows(windows, at)) return at
  const step = 5 * minute
  for (let next = at + step; next <= at + 8 * dayMinutes * minute; next += step) {
    if (!withinWindows(windows, next)) continue
    let first = Math.floor(next / minute) * minute
    while (first - minute > at && withinWindows(windows, first - minute)) first -= minute
    return first
  }
  return null
}

/** Whether the name is one of a time zone (`Europe/Berlin`). */
export function isTimeZone(name: string): boolean {
  try {
    formatOf(name)
    return true
  } catch {
    return false
  }
}

/** Minutes since midnight of `22:00`; NaN where it is no time of day. */
export function minuteOfDay(time: string): number {
  const match = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(time)
  return match ? Number(match[1]) * 60 + Number(match[2]) : Number.NaN
}

function within({ days, from, to, timeZone }: TimeWindow, at: number): boolean {
  const [day, now] = wallClock(timeZone, at)
  const [begin, end] = [minuteOfDay(from), minuteOfDay(to)]
  if (begin < end) return days.includes(day) && now >= begin && now < end
  return (days.includes(day) && now >= begin) || (days.includes((day + 6) % 7) && now < end)
}

/** The day of the week and the minute of the day there. */
function wallClock(timeZone: string, at: number): [day: number, minutes: number] {
  const parts = new Map(
    formatOf(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  )
  return [
    weekdays.indexOf(parts.get('weekday')!),
    Number(parts.get('hour')) * 60 + Number(parts.get('minute')),
  ]
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone)
  if (!format) {
    const clock = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const
    format = new Intl.DateTimeFormat('en-US', { timeZone, weekday: 'short', ...clock })
    formats.set(timeZone, format)
  }
  return format
}

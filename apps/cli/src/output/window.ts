import type { TimeWindow } from '@drover/model'
import { InvalidArgumentError } from 'commander'

const names = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const example = 'Give it as "mon-fri 20:00-06:00 Europe/Berlin"; the days and the time zone may be left out.'

/**
 * `mon-fri 20:00-06:00 Europe/Berlin`: days (`mon-fri`, `sat,sun`; absent: all), from and to, and a time zone (absent: this
 * machine's). Several are given by several options: `previous` are those before this one.
 */
export function timeWindow(text: string, previous: TimeWindow[] = []): TimeWindow[] {
  const [, days, from, to, timeZone] =
    /^(?:([a-z,-]+)\s+)?(\d\d:\d\d)-(\d\d:\d\d)(?:\s+(\S+))?$/i.exec(text.trim()) ?? []
  if (!from || !to) throw new InvalidArgumentError(example)
  const zone = timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone
  return [
    ...previous,
    { days: days ? daysOf(days.toLowerCase()) : [0, 1, 2, 3, 4, 5, 6], from, to, timeZone: zone },
  ]
}

function daysOf(text: string): number[] {
  const days = new Set<number>()
  for (const part of text.split(',')) {
    const [first = '', last = first] = part.split('-')
    const [a, b] = [names.indexOf(first), names.indexOf(last)]
    if (a < 0 || b < 0) throw new InvalidArgumentError(example)
    for (let day = a; ; day = (day + 1) % 7) {
      days.add(day)
      if (day === b) break
    }
  }
  return [...days].sort()
}

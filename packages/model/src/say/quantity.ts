const binaryUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']
const decimalUnits = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']

function scaled(value: number, base: number, units: string[]): string {
  let amount = value
  let unit = 0
  while (Math.abs(amount) >= base && unit < units.length - 1) {
    amount /= base
    unit++
  }
  const digits = unit === 0 || amount >= 100 ? 0 : 1
  return `${trimZero(amount.toFixed(digits))} ${units[unit]}`
}

function trimZero(text: string): string {
  return text.endsWith('.0') ? text.slice(0, -2) : text
}

/** Memory and disk sizes: `12.4 GiB`. */
export function sayBytes(bytes: number): string {
  return scaled(bytes, 1024, binaryUnits)
}

/** Rates, in decimal units as networks are sold: `1.2 GB/s`. */
export function sayRate(bytesPerSecond: number): string {
  return `${scaled(bytesPerSecond, 1000, decimalUnits)}/s`
}

/** `64 %` of a fraction. */
export function sayPercent(fraction: number): string {
  return `${Math.round(fraction * 100)} %`
}

/** Durations as people say them: `278 ms`, `8.2 s`, `1 min 12 s`, `3 h 5 min`. */
export function sayDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 10_000) return `${trimZero((Math.floor(ms / 100) / 10).toFixed(1))} s`
  const seconds = Math.floor(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return seconds % 60 ? `${minutes} min ${seconds % 60} s` : `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`
  return `${Math.floor(hours / 24)} days`
}

/** `a, b and c`. */
export function sayList(words: readonly string[], joint = 'and'): string {
  if (words.length < 2) return words[0] ?? ''
  return `${words.slice(0, -1).join(', ')} ${joint} ${words.at(-1)}`
}

/** `a, b and c`; of more than `most` names, in the order of people, the first ones and how many there are beside. */
export function sayFew(names: readonly string[], most = 3): string {
  const sorted = names.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))
  if (sorted.length <= most) return sayList(sorted)
  return sayList([...sorted.slice(0, most - 1), `${sorted.length - most + 1} others`])
}

/** `1 VM`, `3 VMs`. */
export function sayCount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

import { InvalidArgumentError } from 'commander'

const sizes: Record<string, number> = { b: 1, kib: 1024, mib: 1024 ** 2, gib: 1024 ** 3, tib: 1024 ** 4 }
const durations: Record<string, number> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

function quantity(text: string, units: Record<string, number>, example: string): number {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*([a-z]+)$/i.exec(text.trim()) ?? []
  const factor = units[unit.toLowerCase()]
  if (factor === undefined) throw new InvalidArgumentError(`Give a number with its unit, such as ${example}.`)
  return Math.round(Number(number) * factor)
}

/** `4GiB` in bytes. */
export const bytes = (text: string): number => quantity(text, sizes, '4GiB')

/** `100MiB/s` in bytes per second. */
export const bytesPerSecond = (text: string): number => quantity(text.replace(/\/s$/i, ''), sizes, '100MiB/s')

/** `90s`, `5m`, `1h` in milliseconds. */
export const duration = (text: string): number => quantity(text, durations, '90s or 5m')

/** A whole number. */
export function integer(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('Give a whole number.')
  return Number(text)
}

/** The same, or `unlimited`: null. */
export const orUnlimited =
  (parse: (text: string) => number) =>
  (text: string): number | null =>
    text === 'unlimited' ? null : parse(text)

/** A share: `0.25` or `25%`; a number from 0 to 1. */
export function share(text: string): number {
  const [, number, percent] = /^(\d*\.?\d+)\s*(%?)$/.exec(text.trim()) ?? []
  const value = Number(number) / (percent ? 100 : 1)
  if (!(value <= 1)) throw new InvalidArgumentError('Give a share such as 25% or 0.25.')
  return value
}

/** A time: `2026-03-01`, `2026-03-01T03:14`, or so long ago: `2h`. Epoch milliseconds. */
export function time(text: string): number {
  if (/^\d+(\.\d+)?\s*[a-z]+$/i.test(text)) return Date.now() - duration(text)
  const at = Date.parse(text)
  if (Number.isNaN(at))
    throw new InvalidArgumentError('Give a time such as 2026-03-01T03:14, or 2h for two hours ago.')
  return at
}

/** `2026-03-01 03:14:15`, local time. */
export function sayTime(at: number): string {
  const date = new Date(at - new Date(at).getTimezoneOffset() * 60_000)
  return date.toISOString().slice(0, 19).replace('T', ' ')
}

import { createHash } from 'node:crypto'
import type { Event } from '@drover/model'

/** Where the chain begins: the hash "before" the first event. */
export const firstHash = '0'.repeat(64)

/** JSON with sorted keys and nothing optional about it, so that equal values have equal text wherever they were kept. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item ?? null)).join(',')}]`
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value).filter(([, field]) => field !== undefined)
    entries.sort(([a], [b]) => (a < b ? -1 : 1))
    return `{${entries.map(([key, field]) => `${JSON.stringify(key)}:${canonical(field)}`).join(',')}}`
  }
  return JSON.stringify(value) ?? 'null'
}

/** The event's place in the chain: sha256 over the hash before it and everything it says. */
export function chainHash(previous: string, event: Omit<Event, 'hash'>): string {
  const { seq, at, initiator, body, severity, subjects, taskId, rows } = event
  // No reason is no field, so that histories from before there were reasons hold.
  const reason = event.reason ?? undefined
  const said = canonical({ seq, at, initiator, body, reason, severity, subjects, taskId, rows })
  return createHash('sha256').update(previous).update(said).digest('hex')
}

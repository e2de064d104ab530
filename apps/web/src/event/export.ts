import { type Event, sayEvent, sayInitiator } from '@drover/model'
import { api } from '../api/client'
import type { EventFilter } from './use-events'

/** A cell of a CSV file. A leading sign could make a spreadsheet take it for a formula, so it gets a quote. */
export function csvCell(value: string | number): string {
  const text = String(value)
  const safe = /^[=+\-@\t\r]/.test(text) && typeof value === 'string' ? `'${text}` : text
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** History as a table for spreadsheets: one line an event, oldest first. */
export function toCsv(events: readonly Event[]): string {
  const head = ['number', 'time', 'severity', 'by', 'event', 'reason', 'kind', 'objects', 'hash']
  const lines = events.map((event) => [
    event.seq,
    new Date(event.at).toISOString(),
    event.severity,
    sayInitiator(event.initiator),
    sayEvent(event.body),
    event.reason ?? '',
    event.body.kind,
    event.subjects.join(' '),
    event.hash,
  ])
  return [head, ...lines]
    .map((line) => line.map(csvCell).join(','))
    .join('\r\n')
    .concat('\r\n')
}

/** Everything that the filter finds, in full, oldest first; `onCount` is told how far it is. */
export async function fetchAll(filter: EventFilter, onCount: (count: number) => void): Promise<Event[]> {
  const all: Event[] = []
  let beforeSeq: number | undefined
  for (;;) {
    const page = await api.event.list.query({ ...filter, limit: 1_000, ...(beforeSeq ? { beforeSeq } : {}) })
    all.push(...(page.events as Event[]))
    onCount(all.length)
    if (page.nextBeforeSeq === null) return all.reverse()
    beforeSeq = page.nextBeforeSeq
  }
}

/** Hands a file to the browser. */
export function download(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}

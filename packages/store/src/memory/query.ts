import { type Event, type Initiator, sayHistory } from '@drover/model'
import type { EventQuery } from '../port'

/** Whether an event is among those asked for; the PostgreSQL adapter says the same in SQL. */
export function matches(event: Event, query: EventQuery): boolean {
  const { subjects, kinds, severities, initiator, text } = query
  return (
    (!subjects?.length || subjects.some((subject) => event.subjects.includes(subject))) &&
    (!kinds?.length || kinds.includes(event.body.kind)) &&
    (!severities?.length || severities.includes(event.severity)) &&
    (!initiator || initiatorName(event.initiator) === initiator) &&
    (!text || sayHistory(event).toLowerCase().includes(text.toLowerCase())) &&
    (query.fromAt === undefined || event.at >= query.fromAt) &&
    (query.toAt === undefined || event.at <= query.toAt) &&
    (query.afterSeq === undefined || event.seq > query.afterSeq) &&
    (query.beforeSeq === undefined || event.seq < query.beforeSeq)
  )
}

/** By what an initiator is looked up: a user's name, else what it is. */
export function initiatorName(initiator: Initiator): string {
  return initiator.kind === 'user' ? initiator.name : initiator.kind
}

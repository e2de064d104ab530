import type { Event } from '@drover/model'
import { useQuery } from '@tanstack/react-query'
import { api } from '../api/client'
import { sayError } from '../api/errors'
import { Skeleton, Trouble } from '../ui/blank'
import { At } from '../ui/time'
import { Sentence } from './sentence'
import { kindsOf } from './topics'
import { useCalmSeq } from './use-events'

/** A few lines of history inside a page, kept fresh. */
export function EventLines({
  query,
}: {
  query: { subjects?: string[]; ascending?: boolean; limit: number }
}) {
  const seq = useCalmSeq()
  // The stages of tasks are told on the task's own page only.
  const asked = { ...query, kinds: kindsOf(new Set(), Boolean(query.ascending)) }
  const result = useQuery({
    queryKey: ['event lines', JSON.stringify(query), seq],
    queryFn: () => api.event.list.query(asked),
    placeholderData: (before) => before,
    gcTime: 0,
  })
  if (result.isPending) return <Skeleton rows={3} />
  if (result.isError) {
    return (
      <Trouble title="History cannot be read" onRetry={() => void result.refetch()}>
        {sayError(result.error)}
      </Trouble>
    )
  }
  const events = result.data.events as Event[]
  if (events.length === 0) return <p className="px-3 py-2 text-text-3">Nothing yet.</p>
  return (
    <ol>
      {events.map((event) => (
        <li key={event.seq} className="flex gap-3 border-b border-line px-3 py-1 last:border-0">
          <At at={event.at} className="num w-24 shrink-0 text-text-3" />
          <span className="min-w-0">
            <Sentence event={event} />
          </span>
        </li>
      ))}
    </ol>
  )
}

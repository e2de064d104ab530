import { type Event, type Severity, sayInitiator } from '@drover/model'
import { ScrollText } from 'lucide-react'
import { useCallback, useMemo } from 'react'
import { sayError } from '../api/errors'
import type { Scope } from '../replica/look'
import { Blank, Skeleton, Trouble } from '../ui/blank'
import { Button } from '../ui/button'
import { Mark, type Tone } from '../ui/state'
import type { Column } from '../ui/table/column'
import { Table } from '../ui/table/table'
import { At } from '../ui/time'
import { useEventFilter } from './filter'
import { Filters } from './filters'
import { Sentence } from './sentence'
import { useEvents } from './use-events'

const tones: Record<Severity, Tone> = { info: 'off', warning: 'warning', error: 'error' }

interface Line {
  id: string
  event: Event
}

const columns: Column<Line>[] = [
  {
    id: 'at',
    header: 'When',
    width: '120px',
    cell: ({ event }) => <At at={event.at} className="num text-text-2" />,
  },
  {
    id: 'severity',
    header: '',
    width: '30px',
    cell: ({ event }) =>
      event.severity !== 'info' && <Mark tone={tones[event.severity]} label={event.severity} />,
  },
  {
    id: 'event',
    header: 'What happened',
    width: 'minmax(280px, 1fr)',
    cell: ({ event }) => <Sentence event={event} />,
  },
  {
    id: 'who',
    header: 'By',
    width: '130px',
    cell: ({ event }) => <span className="text-text-2">{sayInitiator(event.initiator)}</span>,
  },
]
const order = { column: 'at', descending: true }

/** History of any place, with filters; new events come in on top. */
export function EventsTab({ scope }: { scope: Scope }) {
  const filters = useEventFilter(scope.id)
  const { events, pages } = useEvents(filters.filter)
  const lines = useMemo(() => events.map((event) => ({ id: String(event.seq), event })), [events])
  const { hasNextPage, isFetching, fetchNextPage } = pages
  const onEnd = useCallback(() => {
    if (hasNextPage && !isFetching) void fetchNextPage()
  }, [hasNextPage, isFetching, fetchNextPage])

  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <Filters filters={filters} count={lines.length} more={hasNextPage} />
      {pages.isPending ? (
        <Skeleton rows={12} />
      ) : pages.isError ? (
        <Trouble title="History cannot be read" onRetry={() => void pages.refetch()}>
          {sayError(pages.error)}
        </Trouble>
      ) : (
        <Table
          label="Events"
          rows={lines}
          columns={columns}
          order={order}
          onOrder={() => undefined}
          onEnd={onEnd}
          empty={
            filters.active ? (
              <Blank
                icon={ScrollText}
                title="No event matches"
                action={<Button onClick={filters.clear}>Clear the filters</Button>}
              />
            ) : (
              <Blank icon={ScrollText} title="Nothing has happened here yet">
                Every change of state, every action and every sign-in becomes a line of history that nobody
                can delete.
              </Blank>
            )
          }
        />
      )}
    </div>
  )
}

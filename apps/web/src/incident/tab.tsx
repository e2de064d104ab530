import { type ClusterId, type HostId, type Incident, sayDuration } from '@drover/model'
import { useInfiniteQuery } from '@tanstack/react-query'
import { ShieldCheck } from 'lucide-react'
import { useMemo } from 'react'
import { api } from '../api/client'
import { navigate } from '../nav/address'
import { Link } from '../nav/link'
import { List } from '../nav/list'
import { paths } from '../paths'
import { useTables } from '../replica/hooks'
import { incidentsIn, type Scope } from '../replica/look'
import { Blank } from '../ui/blank'
import { Button } from '../ui/button'
import { useTimed } from '../ui/clock'
import { State } from '../ui/state'
import type { Column, Order } from '../ui/table/column'
import { At } from '../ui/time'
import { headline } from './stages'
import { incidentKinds, incidentStates } from './state'

function Lasted({ incident }: { incident: Incident }) {
  const text = useTimed((now) => sayDuration((incident.closedAt ?? now) - incident.openedAt))
  return <span className="num">{text}</span>
}

const columns: Column<Incident>[] = [
  {
    id: 'title',
    header: 'Incident',
    width: 'minmax(120px, 1.2fr)',
    wrap: true,
    value: (incident) => incident.title,
    text: (incident) => incident.title,
    cell: (incident) => (
      <Link href={paths.incident(incident.id)} className="font-medium">
        {incident.title}
      </Link>
    ),
  },
  {
    id: 'state',
    header: 'State',
    width: '90px',
    value: (incident) => incident.state,
    text: (incident) => incident.state,
    cell: (incident) => <State {...incidentStates[incident.state]} />,
  },
  {
    id: 'story',
    header: 'What came of it',
    width: 'minmax(180px, 3fr)',
    wrap: true,
    value: headline,
    text: headline,
    cell: headline,
  },
  {
    id: 'kind',
    header: 'Kind',
    width: 'minmax(130px, 1fr)',
    extra: true,
    value: (incident) => incidentKinds[incident.kind],
    text: (incident) => incidentKinds[incident.kind],
    cell: (incident) => incidentKinds[incident.kind],
  },
  {
    id: 'at',
    header: 'Began',
    width: '110px',
    value: (incident) => incident.openedAt,
    cell: (incident) => <At at={incident.openedAt} className="num" />,
  },
  {
    id: 'lasted',
    header: 'Lasted',
    width: '110px',
    right: true,
    value: (incident) => (incident.closedAt ?? Number.MAX_SAFE_INTEGER) - incident.openedAt,
    cell: (incident) => <Lasted incident={incident} />,
  },
]
const pageLength = 100
const newestFirst: Order = { column: 'at', descending: true }

/** The failures of any place, with what came of each. */
export function IncidentsTab({ scope }: { scope: Scope }) {
  const tables = useTables()
  const input = {
    ...(scope.noun === 'cluster' ? { clusterId: scope.id as ClusterId } : {}),
    ...(scope.noun === 'host' ? { hostId: scope.id as HostId } : {}),
  }
  const past = useInfiniteQuery({
    queryKey: ['incidents', scope.noun, scope.id],
    queryFn: ({ pageParam }) =>
      api.incident.list.query({
        ...input,
        ...(pageParam === null ? {} : { beforeAt: pageParam }),
        limit: pageLength,
      }),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => (page.length < pageLength ? null : (page.at(-1)?.openedAt ?? null)),
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows come from this table only
  const rows = useMemo(() => {
    const live = incidentsIn(tables, scope)
    const known = new Set(live.map((incident) => incident.id))
    const older = (past.data?.pages ?? []).flatMap((page) => page as Incident[])
    return [...live, ...older.filter((incident) => !known.has(incident.id))]
  }, [tables.incident, scope.id, past.data])
  return (
    <List
      label="Incidents"
      noun="incident"
      rows={rows}
      columns={columns}
      fallback={newestFirst}
      onOpen={(incident) => navigate(paths.incident(incident.id))}
      tools={
        past.hasNextPage && (
          <Button busy={past.isFetchingNextPage} onClick={() => void past.fetchNextPage()}>
            Older
          </Button>
        )
      }
      empty={
        <Blank icon={ShieldCheck} title="Nothing has failed here">
          When a host is lost or a VM crashes, its story writes itself here: what was seen, what was decided,
          how it was proven, and when each VM ran again.
        </Blank>
      }
    />
  )
}

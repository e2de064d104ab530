import { type DecisionId, type LoadDecision, roleAllows, sayBytes, sayCount } from '@drover/model'
import { useQuery } from '@tanstack/react-query'
import { Scale } from 'lucide-react'
import { api } from '../api/client'
import { sayError } from '../api/errors'
import { useUser } from '../console/store'
import { EventLines } from '../event/lines'
import { sayCores } from '../format/quantity'
import { Link } from '../nav/link'
import { Absent } from '../object/absent'
import { paths } from '../paths'
import { useRow } from '../replica/hooks'
import { Skeleton } from '../ui/blank'
import { Facts, Panel } from '../ui/facts'
import { State } from '../ui/state'
import { Ago, At } from '../ui/time'
import { MovesTable } from './moves'
import { DecisionPicture } from './picture'
import { PowerActs } from './power'
import { ReplayPanel } from './replay'
import { Scores } from './scores'
import { decisionShown, sayActs, sayCost } from './state'

/** The record of one decision: what, why, by which rules as they were then, what it was made from, and what came of it. */
export function DecisionPage({ id }: { id: DecisionId }) {
  const live: LoadDecision | undefined = useRow('decision', id)
  const query = useQuery({
    queryKey: ['decision', id],
    queryFn: () => api.decision.show.query({ decisionId: id }),
    enabled: !live,
    retry: false,
  })
  const decision = live ?? query.data
  if (decision) return <Shown decision={decision} />
  return <Absent noun="decision" all="decisions" icon={Scale} query={query} />
}

function Shown({ decision }: { decision: LoadDecision }) {
  const cluster = useRow('cluster', decision.clusterId)
  const { role } = useUser()
  return (
    <>
      <header className="flex min-h-14 shrink-0 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line bg-surface px-4 py-2">
        <Scale size={20} strokeWidth={1.5} className="text-text-3" aria-hidden />
        <h1 className="text-xl font-semibold">
          {decision.by.name}: {sayActs(decision)}
        </h1>
        <State {...decisionShown[decision.state]} />
        <span className="text-text-3">
          <Ago at={decision.at} />
        </span>
        <span className="flex-1" />
        {decision.state === 'open' && roleAllows(role, 'operator') && (
          <Link href={paths.object(decision.clusterId, 'recommendations')}>Apply or dismiss</Link>
        )}
      </header>
      <div className="grid min-h-0 flex-1 content-start gap-4 overflow-y-auto p-4 xl:grid-cols-[2fr_1fr] xl:items-start">
        <p className="text-lg xl:col-span-2" role="status">
          {decision.text}
        </p>
        <div className="grid min-w-0 content-start gap-4">
          <Panel
            title="Load before and after"
            aside={decision.moves.length > 0 ? sayCost(decision.moves) : undefined}
          >
            <div className="grid gap-3 p-3">
              <Scores before={decision.before} after={decision.after} />
              <DecisionPicture decision={decision} />
            </div>
          </Panel>
          <Panel title="Moves and hosts">
            <PowerActs power={decision.power} />
            {decision.moves.length > 0 && <MovesTable moves={decision.moves} />}
            {decision.moves.length + decision.power.length === 0 && (
              <p className="px-3 py-2 text-text-3">It moves nothing.</p>
            )}
          </Panel>
        </div>
        <div className="grid content-start gap-4">
          <Panel title="About it">
            <Facts
              rows={[
                cluster && [
                  'Cluster',
                  <Link key="c" href={paths.object(cluster.id)}>
                    {cluster.name}
                  </Link>,
                ],
                [
                  'Begun',
                  decision.automatic ? 'by itself' : decision.person ? `by ${decision.person}` : 'not yet',
                ],
                ['Decided', <At key="a" at={decision.at} className="num" />],
                decision.endedAt !== null && ['Ended', <At key="e" at={decision.endedAt} className="num" />],
              ]}
            />
          </Panel>
          <Panel title="Decided by" aside={`version ${decision.by.version}`}>
            <div className="grid gap-1 px-3 py-2">
              <p>{decision.by.text}</p>
              {cluster && (
                <p className="text-text-3">
                  As it said then. <Link href={paths.object(cluster.id, 'rules')}>The rules of today</Link>
                </p>
              )}
            </div>
          </Panel>
          <MadeFromPanel id={decision.id} />
        </div>
        <ReplayPanel decision={decision} />
        <Panel title="What happened" className="xl:col-span-2">
          <EventLines query={{ subjects: [decision.id], ascending: true, limit: 100 }} />
        </Panel>
      </div>
    </>
  )
}

/** What it was made from: when, of how much, what moved VMs were expected to need, and every rule as it was then. */
function MadeFromPanel({ id }: { id: DecisionId }) {
  const query = useQuery({
    queryKey: ['made from', id],
    queryFn: () => api.decision.madeFrom.query({ decisionId: id }),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  })
  const made = query.data
  if (query.isError)
    return (
      <Panel title="Made from">
        <p className="px-3 py-2 text-text-3">{sayError(query.error)}</p>
      </Panel>
    )
  if (made === undefined)
    return (
      <Panel title="Made from">
        <Skeleton rows={3} />
      </Panel>
    )
  if (made === null)
    return (
      <Panel title="Made from">
        <p className="px-3 py-2 text-text-3">What it was made from was not kept.</p>
      </Panel>
    )
  return (
    <Panel
      title="Made from"
      aside={
        <span>
          {sayCount(made.hosts, 'host')}, {sayCount(made.vms, 'VM')}, <At at={made.at} className="num" />
        </span>
      }
    >
      {made.demand.length > 0 && (
        <ul aria-label="Expected demand" className="border-b border-line">
          {made.demand.slice(0, 12).map(({ vm, cpu, cpuHigh, memory, basis }) => (
            <li key={vm.id} className="border-b border-line px-3 py-1 last:border-0">
              <span className="font-medium">{vm.name}</span>{' '}
              <span className="num">
                {sayCores(cpu)} cores, seldom over {sayCores(cpuHigh)}; {sayBytes(memory)}
              </span>
              <span className="block text-sm text-text-3">{basis}</span>
            </li>
          ))}
        </ul>
      )}
      <details className="px-3 py-1.5">
        <summary className="link w-fit">The rules of then</summary>
        <dl className="mt-1 grid gap-1">
          {made.rules.map(({ id: rule, name, version, text }) => (
            <div key={rule}>
              <dt className="font-medium">
                {name} <span className="font-normal text-text-3">version {version}</span>
              </dt>
              <dd className="text-text-2">{text}</dd>
            </div>
          ))}
        </dl>
      </details>
    </Panel>
  )
}

import { type Cluster, type ClusterId, defaultBalanceSettings, roleAllows, sayDuration } from '@drover/model'
import { useQuery } from '@tanstack/react-query'
import { Scale } from 'lucide-react'
import { sayError } from '../api/errors'
import { openDialog, useUser } from '../console/store'
import { askNow } from '../draft/ask'
import { Link } from '../nav/link'
import { paths } from '../paths'
import { useRow, useTables } from '../replica/hooks'
import { decisionsIn, thresholdsIn } from '../replica/look'
import type { ReplicaTables } from '../replica/replica'
import { Blank, Trouble } from '../ui/blank'
import { Button } from '../ui/button'
import { Panel } from '../ui/facts'
import { Notice } from '../ui/notice'
import { State } from '../ui/state'
import { At, Since } from '../ui/time'
import { RecommendationCard } from './card'
import { countedOn, decisionShown, inPrecedence, sayActs } from './state'

/** What Drover would do about the load of a cluster and waits for somebody to say so; then what it holds back, and why. */
export function RecommendationsPage({ id }: { id: ClusterId }) {
  const cluster: Cluster | undefined = useRow('cluster', id)
  const tables = useTables()
  const query = useQuery({
    queryKey: ['load now', id],
    queryFn: () => askNow(id),
    refetchInterval: 5_000,
    placeholderData: (before) => before,
    retry: false,
  })
  if (!cluster) return null
  const all = decisionsIn(tables, { noun: 'cluster', id })
  const open = inPrecedence(all.filter(({ state }) => state === 'open' || state === 'running'))
  const ended = all.filter(({ state }) => state !== 'open' && state !== 'running').slice(0, 8)
  const off = (cluster.balance?.mode ?? 'off') === 'off' && (cluster.power?.mode ?? 'off') === 'off'
  return (
    <div className="grid min-h-0 flex-1 content-start gap-4 overflow-y-auto p-4">
      {query.data?.blocked && !off && open.every(({ state }) => state !== 'running') && (
        <Notice tone="warning">
          <span className="min-w-0 flex-1">
            Nothing is moved for the sake of load now. {query.data.blocked}
          </span>
        </Notice>
      )}
      {query.isError && (
        <Trouble title="It cannot be worked out what would be moved now" onRetry={() => void query.refetch()}>
          {sayError(query.error)} Recommendations that were made are below.
        </Trouble>
      )}
      {open.map((decision, i) => (
        <RecommendationCard
          key={decision.id}
          decision={decision}
          after={countedOn(decision, open.slice(0, i))}
        />
      ))}
      {open.length === 0 && (off ? <Off cluster={cluster} /> : <Quiet cluster={cluster} />)}
      {query.data && query.data.held.length > 0 && (
        <Panel title="Held back" aside="wanted by a rule, and not proposed yet">
          <ul>
            {query.data.held.map(({ by, text }) => (
              <li
                key={`${by} ${text}`}
                className="grid grid-cols-[minmax(110px,180px)_1fr] gap-x-3 border-b border-line px-3 py-1 last:border-0"
              >
                <span className="truncate font-medium">{nameOfRule(tables, by)}</span>
                <span className="text-text-2">{text}</span>
              </li>
            ))}
          </ul>
        </Panel>
      )}
      {ended.length > 0 && (
        <Panel title="Decided before" aside={<Link href={paths.object(id, 'decisions')}>All decisions</Link>}>
          <ul>
            {ended.map((decision) => (
              <li
                key={decision.id}
                className="grid grid-cols-[72px_130px_minmax(0,1fr)_minmax(0,2fr)] gap-x-3 border-b border-line px-3 py-1 last:border-0 max-md:grid-cols-[72px_1fr]"
              >
                <At at={decision.endedAt ?? decision.at} className="num text-text-3" />
                <State {...decisionShown[decision.state]} />
                <Link href={paths.decision(decision.id)} className="truncate max-md:col-start-2">
                  {decision.by.name}: {sayActs(decision)}
                </Link>
                <span className="truncate text-text-2 max-md:col-start-2" title={decision.text}>
                  {decision.text}
                </span>
              </li>
            ))}
          </ul>
        </Panel>
      )}
    </div>
  )
}

/** What a rule is called: `by` as verdicts have it. */
export function nameOfRule(tables: ReplicaTables, by: string): string {
  if (by === 'balance') return 'Balance'
  if (by === 'power') return 'Power saving'
  return tables.threshold.get(by)?.name ?? 'A rule that is gone'
}

function Off({ cluster }: { cluster: Cluster }) {
  const { role } = useUser()
  return (
    <Blank
      icon={Scale}
      title={`The automation of ${cluster.name} is off`}
      action={
        <>
          {roleAllows(role, 'admin') && (
            <Button look="primary" onClick={() => openDialog({ kind: 'balance', clusterId: cluster.id })}>
              Set up balance…
            </Button>
          )}
          <Link href={paths.object(cluster.id, 'rules')} className="self-center">
            All rules
          </Link>
        </>
      }
    >
      With it on, moves that take load off full hosts, or even it out, are recommended here with their reasons
      and costs. Nothing moves before somebody says so, unless you let it.
    </Blank>
  )
}

function Quiet({ cluster }: { cluster: Cluster }) {
  const tables = useTables()
  const settings = cluster.balance ?? defaultBalanceSettings
  const watched = thresholdsIn(tables, cluster.id).filter(({ enabled }) => enabled)
  const rules = watched.length
  const above = watched.filter(({ aboveSince }) => Object.keys(aboveSince).length > 0).length
  return (
    <Blank
      icon={Scale}
      title="Nothing to recommend"
      action={<Link href={paths.object(cluster.id, 'rules')}>The rules</Link>}
    >
      {settings.unevenSince !== null ? (
        <>
          The hosts of {cluster.name} have been unevenly loaded <Since at={settings.unevenSince} />. It is
          waited whether that lasts: {sayDuration(settings.holdMs)}.
        </>
      ) : above > 0 ? (
        `A host of ${cluster.name} is above a threshold. It is waited whether that lasts.`
      ) : (
        `No host of ${cluster.name} is over a limit for long enough${
          rules > 0 ? ` (${rules === 1 ? 'one threshold is' : `${rules} thresholds are`} watched)` : ''
        }${settings.mode !== 'off' && settings.aim === 'spread' ? ', and its hosts are about evenly loaded' : ''}.`
      )}
    </Blank>
  )
}

import { type ClusterId, type HostId, type Readiness, roleAllows } from '@drover/model'
import { useQuery } from '@tanstack/react-query'
import { api } from '../../api/client'
import { sayError } from '../../api/errors'
import { openDialog, useUser } from '../../console/store'
import { Link } from '../../nav/link'
import { paths } from '../../paths'
import { useTables } from '../../replica/hooks'
import { Bar } from '../../ui/bar'
import { Skeleton, Trouble } from '../../ui/blank'
import { Panel } from '../../ui/facts'
import { State, type Tone } from '../../ui/state'
import { byName } from '../../ui/table/column'

/** How well the cluster could fence now, and for each host what is missing. */
export function ReadinessPanel({ clusterId }: { clusterId: ClusterId }) {
  const query = useQuery({
    queryKey: ['readiness', clusterId],
    queryFn: () => api.cluster.readiness.query({ clusterId }),
    refetchInterval: 5_000,
    placeholderData: (before) => before,
  })
  const readiness = query.data
  return (
    <Panel title="Readiness to fence">
      {query.isError ? (
        <Trouble title="The readiness is not known" onRetry={() => void query.refetch()}>
          {sayError(query.error)}
        </Trouble>
      ) : !readiness ? (
        <Skeleton rows={4} />
      ) : (
        <Shown readiness={readiness} />
      )}
    </Panel>
  )
}

function toneOf(score: number): Tone {
  return score >= 90 ? 'ok' : score >= 50 ? 'warning' : 'error'
}

function wordOf(score: number): string {
  return score >= 90 ? 'ready' : score >= 50 ? 'with gaps' : 'not ready'
}

function Shown({ readiness }: { readiness: Readiness }) {
  const lacking = readiness.hosts
    .filter((each) => each.missing.length > 0)
    .sort((a, b) => a.score - b.score || byName(a.host, b.host))
  return (
    <div className="grid gap-2 p-3">
      <div className="flex items-center gap-3">
        <span className="num text-xl! font-semibold">{readiness.score}</span>
        <span className="text-text-3">of 100</span>
        <Bar plain fraction={readiness.score / 100} label="Readiness of the cluster" className="flex-1" />
        <State tone={toneOf(readiness.score)} word={wordOf(readiness.score)} />
      </div>
      {lacking.length === 0 ? (
        <p className="text-text-2">Every host can be switched off and proven off. Nothing is missing.</p>
      ) : (
        <ul className="max-h-56 overflow-y-auto">
          {lacking.map(({ host, score, missing }) => (
            <li
              key={host.id}
              className="grid grid-cols-[96px_36px_1fr_auto] gap-x-3 border-t border-line py-1"
            >
              <Link plain href={paths.object(host.id, 'configure')} className="truncate font-medium">
                {host.name}
              </Link>
              <span className="num text-right text-text-2">{score}</span>
              <span className="text-text-2">{missing.join(' ')}</span>
              <AddDevice hostId={host.id} />
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

function AddDevice({ hostId }: { hostId: HostId }) {
  const { role } = useUser()
  const has = [...useTables().fence.values()].some((device) => device.hostId === hostId)
  if (!roleAllows(role, 'admin') || has) return <span />
  return (
    <button
      type="button"
      className="link self-start"
      onClick={() => openDialog({ kind: 'fence device', hostId })}
    >
      Add fence device…
    </button>
  )
}

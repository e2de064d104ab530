import { type ClusterId, type FailoverCapacity, sayBytes, sayCount, sayList } from '@drover/model'
import { useQuery } from '@tanstack/react-query'
import { api } from '../../api/client'
import { sayError } from '../../api/errors'
import { clamp } from '../../format/quantity'
import { Names } from '../../host/notices'
import { Link } from '../../nav/link'
import { paths } from '../../paths'
import { Skeleton, Trouble } from '../../ui/blank'
import { Panel } from '../../ui/facts'
import { State } from '../../ui/state'

/** How many hosts may die, asked again while one looks. */
export function useFailover(clusterId: ClusterId) {
  return useQuery({
    queryKey: ['failover capacity', clusterId],
    queryFn: () => api.cluster.failover.query({ clusterId }),
    refetchInterval: 5_000,
    placeholderData: (before) => before,
  })
}

/** `N+1`, with what it means. */
export function FailoverBadge({ capacity }: { capacity: FailoverCapacity }) {
  const { tolerates, ok } = capacity
  return (
    <State
      tone={ok ? 'ok' : tolerates > 0 ? 'warning' : 'error'}
      word={
        tolerates === 0 ? 'N: no host may die' : `N+${tolerates}: any ${sayCount(tolerates, 'host')} may die`
      }
    />
  )
}

/** What failures the cluster survives now: a number, what it costs as a bar, and the worst that could happen. */
export function FailoverPanel({ clusterId }: { clusterId: ClusterId }) {
  const query = useFailover(clusterId)
  const capacity = query.data
  return (
    <Panel
      title="Failover capacity"
      aside={<Link href={paths.object(clusterId, 'what-if')}>What if a host dies</Link>}
    >
      {query.isError ? (
        <Trouble title="The failover capacity is not known" onRetry={() => void query.refetch()}>
          {sayError(query.error)}
        </Trouble>
      ) : !capacity ? (
        <Skeleton rows={4} />
      ) : (
        <div className="grid gap-2 p-3">
          <div className="flex flex-wrap items-baseline gap-x-3">
            <span className="num text-xl! font-semibold">
              {capacity.tolerates} of {capacity.hosts}
            </span>
            <span className="text-text-2">
              hosts in service may die
              {capacity.tolerates === 0
                ? ''
                : `, whichever ${capacity.tolerates === 1 ? 'it is' : 'they are'}`}
            </span>
            <span className="flex-1" />
            <FailoverBadge capacity={capacity} />
          </div>
          <MemoryBar memory={capacity.memory} />
          <p className={capacity.ok ? 'text-text-2' : 'text-error'}>{capacity.text}</p>
          {capacity.ok && capacity.worst && capacity.worst.vms.length > 0 && (
            <p className="text-text-2">
              Worst: without {sayList(capacity.worst.lost.map((host) => host.name))},{' '}
              {sayCount(capacity.worst.vms.length, 'VM')} would stay down:{' '}
              <Names refs={capacity.worst.vms.slice(0, 8)} />
              {capacity.worst.vms.length > 8 && ' …'}
            </p>
          )}
        </div>
      )}
    </Panel>
  )
}

/** Memory of the cluster: used, kept free for a failure, and what is left. */
function MemoryBar({ memory }: { memory: FailoverCapacity['memory'] }) {
  const total = Math.max(1, memory.totalBytes)
  const used = clamp(memory.usedBytes / total)
  const kept = Math.min(1 - used, clamp(memory.keptFreeBytes / total))
  const free = Math.max(0, memory.totalBytes - memory.usedBytes - memory.keptFreeBytes)
  const says = `${sayBytes(memory.usedBytes)} used, ${sayBytes(memory.keptFreeBytes)} kept free for a failure, ${sayBytes(free)} to use`
  return (
    <div className="grid gap-1">
      <div
        role="img"
        aria-label={`Memory: ${says} of ${sayBytes(memory.totalBytes)}`}
        className="flex h-3 overflow-hidden rounded-sm border border-line-strong bg-sunken"
      >
        <span className="bg-accent" style={{ width: `${used * 100}%` }} />
        <span className="hatched" style={{ width: `${kept * 100}%` }} />
      </div>
      <p className="num flex flex-wrap justify-between gap-x-4 text-text-3">
        <span>
          <Swatch className="bg-accent" /> {sayBytes(memory.usedBytes)} used
        </span>
        <span>
          <Swatch className="hatched border border-line-strong" /> {sayBytes(memory.keptFreeBytes)} kept free
        </span>
        <span>
          <Swatch className="border border-line-strong bg-sunken" /> {sayBytes(free)} to use
        </span>
      </p>
    </div>
  )
}

function Swatch({ className }: { className: string }) {
  return <span aria-hidden className={`mr-0.5 inline-block size-2.5 rounded-[2px] ${className}`} />
}

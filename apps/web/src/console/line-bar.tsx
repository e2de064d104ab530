import { sayClock, sayFor } from '../format/time'
import { useReplicaStore } from '../replica/store'
import { now, useTimed } from '../ui/clock'
import { Mark } from '../ui/state'

/** Says when what is shown may be old, and when nothing can be changed. */
export function LineBar() {
  const line = useReplicaStore((state) => state.line)
  const health = useReplicaStore((state) => state.health)
  if (line.state === 'lost') return <Lost sinceAt={line.sinceAt} />
  if (health?.databaseAwaySince) return <DatabaseAway sinceAt={health.databaseAwaySince} />
  return null
}

function Bar({ children, tone }: { children: React.ReactNode; tone: 'warning' | 'error' }) {
  return (
    <div
      role="status"
      className="flex min-h-8 items-center gap-2 border-b border-line-strong bg-sunken px-4 py-1 font-medium"
    >
      <Mark tone={tone} />
      {children}
    </div>
  )
}

function Lost({ sinceAt }: { sinceAt: number }) {
  const at = sinceAt + (now() - Date.now())
  const lasting = useTimed((time) => sayFor(at, time))
  return (
    <Bar tone="warning">
      <span>
        No line to control since {sayClock(at)} ({lasting}). What is shown may be old; VMs are not affected.
        It catches up by itself.
      </span>
    </Bar>
  )
}

function DatabaseAway({ sinceAt }: { sinceAt: number }) {
  const lasting = useTimed((time) => sayFor(sinceAt, time))
  return (
    <Bar tone="error">
      <span>
        The database has not answered {lasting}. What is shown is live, but nothing can be changed until it is
        back. VMs are not affected.
      </span>
    </Bar>
  )
}

import type { Cluster } from '@drover/model'
import { headline } from '../../incident/stages'
import { Link } from '../../nav/link'
import { paths } from '../../paths'
import { useTables } from '../../replica/hooks'
import { incidentsIn } from '../../replica/look'
import { Notice } from '../../ui/notice'
import { haModes } from './state'

/** What is wrong with a cluster's high availability now: disarmed, or an incident that goes on. */
export function HaNotice({ cluster }: { cluster: Cluster }) {
  const open = incidentsIn(useTables(), { noun: 'cluster', id: cluster.id }).filter(
    (incident) => incident.state === 'open',
  )
  const mode = haModes[cluster.ha.mode]
  return (
    <>
      {cluster.ha.mode !== 'armed' && (
        <Notice tone={mode.tone}>
          <span className="min-w-0 flex-1">
            High availability is {mode.word}. {mode.means}
            {cluster.ha.modeReason && <span className="text-text-2"> {cluster.ha.modeReason}</span>}
          </span>
          <Link href={paths.object(cluster.id, 'ha')}>High availability</Link>
        </Notice>
      )}
      {open.map((incident) => (
        <Notice key={incident.id} tone="warning">
          <span className="min-w-0 flex-1">{headline(incident)}</span>
          <Link href={paths.incident(incident.id)}>The story so far</Link>
        </Notice>
      ))}
    </>
  )
}

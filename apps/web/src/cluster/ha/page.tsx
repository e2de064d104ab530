import { type Cluster, type ClusterId, roleAllows, sayDuration } from '@drover/model'
import { openDialog, useUser } from '../../console/store'
import { headline } from '../../incident/stages'
import { incidentStates } from '../../incident/state'
import { Link } from '../../nav/link'
import { paths } from '../../paths'
import { useRow, useTables } from '../../replica/hooks'
import { incidentsIn } from '../../replica/look'
import { useStanding } from '../../replica/standing'
import { Button } from '../../ui/button'
import { Panel } from '../../ui/facts'
import { State } from '../../ui/state'
import { At } from '../../ui/time'
import { arm } from '../actions'
import { FailoverPanel } from './capacity'
import { ReadinessPanel } from './readiness'
import { Recoveries } from './recoveries'
import { HaSettingsForm } from './settings'
import { haModes } from './state'

/** High availability of a cluster: what it would survive, what is missing, what goes on, and how it is set. */
export function ClusterHa({ id }: { id: ClusterId }) {
  const cluster: Cluster | undefined = useRow('cluster', id)
  if (!cluster) return null
  return (
    <div className="grid min-h-0 flex-1 content-start gap-4 overflow-y-auto p-4">
      <Standing cluster={cluster} />
      <div className="grid content-start gap-4 lg:grid-cols-2">
        <FailoverPanel clusterId={id} />
        <ReadinessPanel clusterId={id} />
      </div>
      <Recoveries clusterId={id} />
      <OpenIncidents clusterId={id} />
      <HaSettingsForm key={id} cluster={cluster} />
    </div>
  )
}

function Standing({ cluster }: { cluster: Cluster }) {
  const { role } = useUser()
  const standing = useStanding()
  const { ha } = cluster
  const mode = haModes[ha.mode]
  const reasons = standing ? [standing] : []
  return (
    <section
      aria-label="High availability"
      className="panel flex flex-wrap items-center gap-x-4 gap-y-1 px-3 py-2"
    >
      <State tone={mode.tone} word={mode.word} className="font-medium" />
      <span>
        {mode.means}
        {ha.mode !== 'armed' && ha.modeReason && <span className="text-text-2"> {ha.modeReason}</span>}
      </span>
      <span className="flex-1" />
      <span className="num flex flex-wrap gap-x-4 text-text-2">
        <span>suspect after {sayDuration(ha.suspectMs)}</span>
        <span>decided after {sayDuration(ha.decideMs)}</span>
        <span>self-fence after {sayDuration(ha.leaseMs)}</span>
      </span>
      {roleAllows(role, 'admin') &&
        (ha.mode === 'armed' ? (
          <Button reasons={reasons} onClick={() => openDialog({ kind: 'disarm', clusterId: cluster.id })}>
            Disarm…
          </Button>
        ) : (
          <Button look="primary" reasons={reasons} onClick={() => void arm(cluster)}>
            Arm
          </Button>
        ))}
    </section>
  )
}

function OpenIncidents({ clusterId }: { clusterId: ClusterId }) {
  const incidents = incidentsIn(useTables(), { noun: 'cluster', id: clusterId }).filter(
    (incident) => incident.state === 'open',
  )
  if (incidents.length === 0) return null
  return (
    <Panel
      title="Open incidents"
      aside={<Link href={paths.object(clusterId, 'incidents')}>All incidents</Link>}
    >
      <ul>
        {incidents.map((incident) => (
          <li
            key={incident.id}
            className="flex flex-wrap gap-x-3 border-b border-line px-3 py-1.5 last:border-0"
          >
            <Link href={paths.incident(incident.id)} className="font-medium">
              {incident.title}
            </Link>
            <State {...incidentStates[incident.state]} />
            <span className="min-w-0 flex-1 text-text-2">{headline(incident)}</span>
            <At at={incident.openedAt} className="num text-text-3" />
          </li>
        ))}
      </ul>
    </Panel>
  )
}

import { type Incident, type IncidentId, sayDuration } from '@drover/model'
import { useQuery } from '@tanstack/react-query'
import { Siren } from 'lucide-react'
import { api } from '../api/client'
import { EventLines } from '../event/lines'
import { hrefOf } from '../nav/href'
import { Link } from '../nav/link'
import { Absent } from '../object/absent'
import { tablesNow, useRow } from '../replica/hooks'
import { Panel } from '../ui/facts'
import { State } from '../ui/state'
import { Ago, At } from '../ui/time'
import { headline, measuredOf } from './stages'
import { evidenceSays, evidenceSides, findings, incidentStates } from './state'
import { IncidentTimeline } from './timeline'
import { IncidentVms } from './vms'

/** The story of one failure: what happened, how it is known, what was decided, and what came of each VM. */
export function IncidentPage({ id }: { id: IncidentId }) {
  const live: Incident | undefined = useRow('incident', id)
  const query = useQuery({
    queryKey: ['incident', id],
    queryFn: () => api.incident.show.query({ incidentId: id }),
    enabled: !live,
  })
  const incident = live ?? query.data
  if (incident) return <Story incident={incident as Incident} />
  return <Absent noun="incident" all="incidents" icon={Siren} query={query} />
}

function Story({ incident }: { incident: Incident }) {
  const about = incident.host ?? incident.datastore
  const href = about && hrefOf(tablesNow(), about.id)
  return (
    <>
      <header className="flex min-h-14 shrink-0 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line bg-surface px-4 py-2">
        <Siren size={20} strokeWidth={1.5} className="text-text-3" aria-hidden />
        <h1 className="text-xl font-semibold">{incident.title}</h1>
        <State {...incidentStates[incident.state]} />
        <span className="text-text-3">
          began <Ago at={incident.openedAt} />
        </span>
        <span className="flex-1" />
        {about && href && <Link href={href}>{about.name}</Link>}
      </header>
      <div className="grid min-h-0 flex-1 content-start gap-4 overflow-y-auto p-4 xl:grid-cols-[2fr_1fr]">
        <p className="text-lg xl:col-span-2" role="status">
          {headline(incident)}
        </p>
        <Panel title="Timeline" aside="to scale">
          <IncidentTimeline incident={incident} />
        </Panel>
        <div className="grid content-start gap-4">
          <Objectives incident={incident} />
          <Panel title="Decision">
            <div className="grid gap-1 px-3 py-2">
              <p>{incident.decision ?? 'Nothing has been decided yet; the evidence is being gathered.'}</p>
              {incident.finding && (
                <p className="text-text-2">The evidence, taken together: {findings[incident.finding]}.</p>
              )}
            </div>
          </Panel>
          <Panel title="Proof">
            <p className="px-3 py-2">
              {incident.proof ? (
                <>
                  {incident.proof.text}{' '}
                  <span className="text-text-3">
                    (<At at={incident.proof.at} className="num" />)
                  </span>
                </>
              ) : (
                <span className="text-text-3">
                  {incident.kind === 'host'
                    ? 'Nothing proves that the host is off. None of its VMs starts elsewhere before that.'
                    : 'None was needed.'}
                </span>
              )}
            </p>
          </Panel>
        </div>
        <EvidencePanel incident={incident} />
        <Marks incident={incident} />
        <Panel title="VMs" className="xl:col-span-2">
          <IncidentVms incident={incident} />
        </Panel>
        <Panel title="What happened" className="xl:col-span-2">
          <EventLines query={{ subjects: [incident.id], ascending: true, limit: 200 }} />
        </Panel>
      </div>
    </>
  )
}

function Objectives({ incident }: { incident: Incident }) {
  return (
    <Panel title="Against the objectives">
      <table className="w-full">
        <thead className="sr-only">
          <tr>
            <th>What</th>
            <th>Taken</th>
            <th>Objective</th>
            <th>Met</th>
          </tr>
        </thead>
        <tbody>
          {measuredOf(incident).map(({ name, ms, objectiveMs, met }) => (
            <tr key={name} className="border-b border-line last:border-0">
              <td className="px-3 py-1">{name}</td>
              <td className="num whitespace-nowrap px-1 text-right">{ms === null ? '–' : sayDuration(ms)}</td>
              <td className="num whitespace-nowrap px-1 text-right text-text-3">
                of {sayDuration(objectiveMs)}
              </td>
              <td className="whitespace-nowrap px-3 text-right">
                {met === null ? (
                  <span className="text-text-3">
                    {incident.state === 'open' ? 'to come' : 'not measured'}
                  </span>
                ) : (
                  <State tone={met ? 'ok' : 'warning'} word={met ? 'met' : 'missed'} />
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  )
}

function EvidencePanel({ incident }: { incident: Incident }) {
  return (
    <Panel title="Evidence" aside="from four sides">
      {incident.evidence.length === 0 ? (
        <p className="px-3 py-2 text-text-3">None was needed: nothing had to be found out.</p>
      ) : (
        <ul>
          {incident.evidence.map((each) => (
            <li
              key={each.side}
              className="grid grid-cols-[90px_100px_1fr_72px] items-baseline gap-x-3 border-b border-line px-3 py-1.5 last:border-0 max-md:grid-cols-[90px_1fr]"
            >
              <span className="font-medium">{evidenceSides[each.side]}</span>
              <State {...evidenceSays[each.says]} />
              <span className="text-text-2 max-md:col-span-2">{each.text}</span>
              <At at={each.at} className="num text-right text-text-3 max-md:hidden" />
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}

function Marks({ incident }: { incident: Incident }) {
  return (
    <Panel title="Marks">
      <ol>
        {incident.marks
          .toSorted((a, b) => a.at - b.at)
          .map((mark) => (
            <li
              key={`${mark.mark} ${mark.at}`}
              className="flex gap-3 border-b border-line px-3 py-1 last:border-0"
            >
              <At at={mark.at} className="num w-16 shrink-0 text-text-3" />
              <span className="min-w-0">
                <span className="font-medium first-letter:uppercase">{mark.mark}</span>
                {mark.text && <span className="text-text-2">: {mark.text}</span>}
              </span>
            </li>
          ))}
      </ol>
    </Panel>
  )
}

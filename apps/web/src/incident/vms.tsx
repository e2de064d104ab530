import { type Incident, type IncidentVm, sayDuration } from '@drover/model'
import { hrefOf } from '../nav/href'
import { Link } from '../nav/link'
import { paths } from '../paths'
import { tablesNow } from '../replica/hooks'
import { Scroll } from '../ui/scroll'
import { State } from '../ui/state'
import { byName } from '../ui/table/column'
import { beganAt } from './stages'
import { incidentVmStates } from './state'

/** What came of each VM: where it runs now, after how long, or why not. */
export function IncidentVms({ incident }: { incident: Incident }) {
  const began = beganAt(incident)
  if (incident.vms.length === 0) return <p className="px-3 py-2 text-text-3">No VM was touched by it.</p>
  const rows = [...incident.vms].sort((a, b) => a.tier - b.tier || byName(a.vm, b.vm))
  return (
    <Scroll label="VMs of the incident">
      <table className="w-full min-w-[640px]">
        <thead>
          <tr className="h-8 whitespace-nowrap border-b border-line-strong text-left text-sm text-text-3">
            <th className="px-3 font-medium">VM</th>
            <th className="px-2 font-medium">Tier</th>
            <th className="px-2 font-medium">State</th>
            <th className="px-2 font-medium">Runs on</th>
            <th className="px-2 text-right font-medium">Asked after</th>
            <th className="px-2 text-right font-medium">Running after</th>
            <th className="px-3 font-medium">Why</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.vm.id} className="h-8 border-b border-line last:border-0">
              <td className="px-3">
                <Named object={row.vm} />
              </td>
              <td className="num px-2">{row.tier}</td>
              <td className="px-2">
                <State {...incidentVmStates[row.state]} />
              </td>
              <td className="px-2">{row.host && <Named object={row.host} />}</td>
              <td className="num px-2 text-right">{after(row.askedAt, began)}</td>
              <td className="num px-2 text-right">{after(row.runningAt, began)}</td>
              <td className="px-3 text-text-2">
                {row.why}
                {row.taskId && (
                  <>
                    {row.why && ' '}
                    <Link href={paths.task(row.taskId)} className="in-text">
                      Task
                    </Link>
                  </>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}

function after(at: number | null, began: number): string {
  return at === null ? '–' : sayDuration(Math.max(0, at - began))
}

function Named({ object }: { object: IncidentVm['vm'] | NonNullable<IncidentVm['host']> }) {
  const href = hrefOf(tablesNow(), object.id)
  return href ? <Link href={href}>{object.name}</Link> : object.name
}

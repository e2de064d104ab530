import { useEffect, useRef } from 'react'
import { Link } from '../nav/link'
import { paths, type Tab, tabsOf } from '../paths'
import { useTables } from '../replica/hooks'
import {
  asleepIn,
  hostsIn,
  incidentsIn,
  openAlarmsIn,
  recommendedIn,
  type Scope,
  vmsIn,
} from '../replica/look'
import { cx } from '../ui/cx'

const words: Record<Tab, string> = {
  summary: 'Summary',
  ha: 'High availability',
  'what-if': 'What if',
  recommendations: 'Recommendations',
  decisions: 'Decisions',
  power: 'Power',
  monitor: 'Monitor',
  rules: 'Rules',
  configure: 'Configure',
  vms: 'VMs',
  hosts: 'Hosts',
  incidents: 'Incidents',
  alarms: 'Alarms',
  tasks: 'Tasks',
  events: 'Events',
}

/** A count that is worth showing only when there is something. */
function few(tab: Tab, count: number): Partial<Record<Tab, number>> {
  return count > 0 ? { [tab]: count } : {}
}

/** The tabs of an object, as links: each has its own address. */
export function Tabs({ scope, tab }: { scope: Scope; tab: Tab }) {
  const tables = useTables()
  const counts: Partial<Record<Tab, number>> = {
    vms: vmsIn(tables, scope).length,
    hosts: hostsIn(tables, scope).length,
    ...few('recommendations', recommendedIn(tables, scope).length),
    ...few('power', asleepIn(tables, scope).length),
    ...few('incidents', incidentsIn(tables, scope).filter((each) => each.state === 'open').length),
    ...few('alarms', openAlarmsIn(tables, scope).length),
  }
  const shown = useRef<HTMLAnchorElement>(null)
  // On a narrow screen the row is wider than the screen: the tab that is open stands in it, whoever came how.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another tab, another element
  useEffect(() => {
    shown.current?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [tab])
  return (
    <nav
      aria-label="Tabs"
      className="flex shrink-0 gap-4 overflow-x-auto border-b border-line bg-surface px-4"
    >
      {tabsOf[scope.noun].map((each) => (
        <Link
          key={each}
          href={scope.noun === 'root' ? paths.root(each) : paths.object(scope.id, each)}
          plain
          ref={each === tab ? shown : undefined}
          aria-current={each === tab ? 'page' : undefined}
          className={cx(
            '-mb-px flex h-8 items-center gap-1.5 whitespace-nowrap border-b-2 hover:no-underline!',
            each === tab ? 'border-accent font-medium' : 'border-transparent text-text-2 hover:text-text',
          )}
        >
          {words[each]}
          {counts[each] !== undefined && (
            <span aria-hidden className="num text-xs! text-text-3">
              {counts[each]}
            </span>
          )}
        </Link>
      ))}
    </nav>
  )
}

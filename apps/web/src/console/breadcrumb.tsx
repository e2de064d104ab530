import { type Incident, sayTask } from '@drover/model'
import { ChevronRight } from 'lucide-react'
import { useEffect } from 'react'
import { usePath } from '../nav/address'
import { Link } from '../nav/link'
import { type Place, paths, placeAt } from '../paths'
import { useTables } from '../replica/hooks'
import { pathOf } from '../replica/look'
import type { ReplicaTables } from '../replica/replica'
import { cx } from '../ui/cx'

interface Crumb {
  name: string
  href: string
}

function crumbsOf(tables: ReplicaTables, place: Place): Crumb[] {
  switch (place.page) {
    case 'object':
      return place.noun === 'root'
        ? []
        : pathOf(tables, place.id).map((object) => ({ name: object.name, href: paths.object(object.id) }))
    case 'task': {
      const task = tables.task.get(place.id)
      const of = task?.vmId && tables.vm.has(task.vmId) ? crumbsOf(tables, at(task.vmId)) : []
      return [...of, { name: task ? sayTask(task) : 'Task', href: paths.task(place.id) }]
    }
    case 'incident': {
      const incident = tables.incident.get(place.id)
      const of =
        incident && tables.cluster.has(incident.clusterId) ? crumbsOf(tables, clusterOf(incident)) : []
      return [...of, { name: incident?.title ?? 'Incident', href: paths.incident(place.id) }]
    }
    case 'decision': {
      const decision = tables.decision.get(place.id)
      const of =
        decision && tables.cluster.has(decision.clusterId) ? crumbsOf(tables, clusterOf(decision)) : []
      const name = decision ? `Decision of ${decision.by.name}` : 'Decision'
      return [...of, { name, href: paths.decision(place.id) }]
    }
    case 'users':
      return [{ name: 'Users', href: paths.users() }]
    case 'account':
      return [{ name: 'Password and API keys', href: paths.account() }]
    case 'nowhere':
      return []
  }
}

function at(id: `vm-${number}`): Place {
  return { page: 'object', noun: 'vm', id, tab: 'summary' }
}

function clusterOf({ clusterId }: Pick<Incident, 'clusterId'>): Place {
  return { page: 'object', noun: 'cluster', id: clusterId, tab: 'summary' }
}

/** Where one is, from the top down; also the title of the window. */
export function Breadcrumb() {
  const crumbs = crumbsOf(useTables(), placeAt(usePath()))
  const title = crumbs.at(-1)?.name
  useEffect(() => {
    document.title = title ? `${title} · Drover` : 'Drover'
  }, [title])
  return (
    <nav aria-label="Path" className="min-w-0">
      <ol className="flex min-w-0 items-center">
        {crumbs.map((crumb, i) => (
          <li
            key={crumb.href}
            className={cx('flex min-w-0 items-center', i < crumbs.length - 1 && 'max-lg:hidden')}
          >
            <ChevronRight size={14} className="mx-0.5 shrink-0 text-text-3" aria-hidden />
            <Link
              href={crumb.href}
              plain
              aria-current={i === crumbs.length - 1 ? 'page' : undefined}
              className={cx('truncate', i === crumbs.length - 1 ? 'font-medium' : 'text-text-2')}
            >
              {crumb.name}
            </Link>
          </li>
        ))}
      </ol>
    </nav>
  )
}

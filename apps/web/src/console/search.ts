import type { ObjectId, Role } from '@drover/model'
import {
  Bell,
  CalendarClock,
  Globe,
  KeyRound,
  ListChecks,
  type LucideIcon,
  Monitor,
  Scale,
  ScrollText,
  Server,
  Siren,
  Users,
} from 'lucide-react'
import { actionsOf } from '../object/actions'
import { paths } from '../paths'
import type { ReplicaTables } from '../replica/replica'
import type { Action } from '../ui/action'
import { byName } from '../ui/table/column'

export interface Found {
  id: ObjectId
  name: string
}

const searched = ['datacenter', 'cluster', 'host', 'vm', 'datastore', 'network'] as const

/** Objects whose name holds every word; those that begin with the first one come first. */
export function findObjects(tables: ReplicaTables, words: readonly string[], most: number): Found[] {
  if (words.length === 0) return []
  const found: Found[] = []
  for (const table of searched) {
    for (const row of tables[table].values()) {
      const name = row.name.toLowerCase()
      if (words.every((word) => name.includes(word))) found.push(row)
    }
  }
  const rank = (object: Found) => (object.name.toLowerCase().startsWith(words[0]!) ? 0 : 1)
  return found.sort((a, b) => rank(a) - rank(b) || byName(a, b)).slice(0, most)
}

/**
 * Actions for "migrate web-17": some words begin a word of the action's label, the others are the object's name.
 * Words that name no object are about the one that is open.
 */
export function findActions(
  tables: ReplicaTables,
  words: readonly string[],
  role: Role,
  here: ObjectId | null,
  most: number,
): { action: Action; object: string }[] {
  const found: { action: Action; object: string }[] = []
  for (let split = words.length; split >= 1; split--) {
    const verb = words.slice(0, split)
    const rest = words.slice(split)
    const objects: Found[] = rest.length > 0 ? findObjects(tables, rest, 5) : here ? named(tables, here) : []
    for (const object of objects) {
      for (const action of actionsOf(tables, object.id, role)) {
        const label = action.label.toLowerCase().replace('…', '').split(' ')
        const fits = verb.every((word) => label.some((part) => part.startsWith(word)))
        const known = found.some((each) => each.object === object.name && each.action.id === action.id)
        if (fits && !known) found.push({ action, object: object.name })
        if (found.length >= most) return found
      }
    }
  }
  return found
}

function named(tables: ReplicaTables, id: ObjectId): Found[] {
  for (const table of searched) {
    const row = tables[table].get(id)
    if (row) return [row]
  }
  return []
}

interface Page {
  name: string
  href: string
  icon: LucideIcon
}

const pages: (Page & { admin?: boolean })[] = [
  { name: 'Everything', href: paths.home(), icon: Globe },
  { name: 'All VMs', href: paths.root('vms'), icon: Monitor },
  { name: 'All hosts', href: paths.root('hosts'), icon: Server },
  { name: 'All decisions about load', href: paths.root('decisions'), icon: Scale },
  { name: 'All incidents', href: paths.root('incidents'), icon: Siren },
  { name: 'All alarms', href: paths.root('alarms'), icon: Bell },
  { name: 'All tasks', href: paths.root('tasks'), icon: ListChecks },
  { name: 'All events', href: paths.root('events'), icon: ScrollText },
  {
    name: 'All warnings and errors',
    href: `${paths.root('events')}?severity=warning,error`,
    icon: CalendarClock,
  },
  { name: 'Password and API keys', href: paths.account(), icon: KeyRound },
  { name: 'Users', href: paths.users(), icon: Users, admin: true },
]

/** Pages whose name holds every word. */
export function findPages(words: readonly string[], role: Role): Page[] {
  return pages.filter(
    (page) =>
      (!page.admin || role === 'admin') && words.every((word) => page.name.toLowerCase().includes(word)),
  )
}

import type { DecisionId, IncidentId, ObjectId, TaskId } from '@drover/model'

/** What has a page of its own in the inventory. `root` is everything. */
export const nouns = ['root', 'datacenter', 'cluster', 'host', 'vm', 'datastore', 'network'] as const
export type Noun = (typeof nouns)[number]

export type Tab =
  | 'summary'
  | 'ha'
  | 'rules'
  | 'what-if'
  | 'recommendations'
  | 'decisions'
  | 'power'
  | 'monitor'
  | 'configure'
  | 'vms'
  | 'hosts'
  | 'incidents'
  | 'alarms'
  | 'tasks'
  | 'events'

/** The tabs of each level: the same, in the same order, wherever they make sense. */
export const tabsOf: Record<Noun, readonly Tab[]> = {
  root: ['summary', 'vms', 'hosts', 'decisions', 'incidents', 'alarms', 'tasks', 'events'],
  datacenter: ['summary', 'vms', 'hosts', 'incidents', 'alarms', 'tasks', 'events'],
  cluster: [
    'summary',
    'recommendations',
    'decisions',
    'power',
    'ha',
    'what-if',
    'rules',
    'vms',
    'hosts',
    'incidents',
    'alarms',
    'tasks',
    'events',
  ],
  host: ['summary', 'monitor', 'configure', 'vms', 'incidents', 'tasks', 'events'],
  vm: ['summary', 'monitor', 'configure', 'tasks', 'events'],
  datastore: ['summary', 'vms', 'hosts', 'events'],
  network: ['summary', 'vms', 'hosts', 'events'],
}

/** Where a person is: one value for every page there is. */
export type Place =
  | { page: 'object'; noun: 'root'; id: null; tab: Tab }
  | { page: 'object'; noun: Exclude<Noun, 'root'>; id: ObjectId; tab: Tab }
  | { page: 'task'; id: TaskId }
  | { page: 'incident'; id: IncidentId }
  | { page: 'decision'; id: DecisionId }
  | { page: 'users' }
  | { page: 'account' }
  | { page: 'nowhere' }

type Named =
  | Exclude<Noun, 'root'>
  | 'task'
  | 'incident'
  | 'rule'
  | 'fence'
  | 'alarm'
  | 'threshold'
  | 'decision'
  | 'shadow'

/** The kind of thing that an id names. */
export function nounOf(id: ObjectId): Named {
  return id.slice(0, id.lastIndexOf('-')) as Named
}

function number(id: ObjectId): string {
  return id.slice(id.lastIndexOf('-') + 1)
}

/** The one place where addresses are made. */
export const paths = {
  home: () => '/',
  root: (tab: Tab = 'summary') => (tab === 'summary' ? '/' : `/${tab}`),
  object: (id: ObjectId, tab: Tab = 'summary') =>
    `/${nounOf(id)}s/${number(id)}${tab === 'summary' ? '' : `/${tab}`}`,
  task: (id: TaskId) => `/tasks/${number(id)}`,
  incident: (id: IncidentId) => `/incidents/${number(id)}`,
  decision: (id: DecisionId) => `/decisions/${number(id)}`,
  users: () => '/administration/users',
  account: () => '/account',
  signIn: (next?: string) => `/sign-in${next && next !== '/' ? `?next=${encodeURIComponent(next)}` : ''}`,
}

/** The address of any place; the other way round of `placeAt`. */
export function pathTo(place: Place): string {
  switch (place.page) {
    case 'object':
      return place.noun === 'root' ? paths.root(place.tab) : paths.object(place.id, place.tab)
    case 'task':
      return paths.task(place.id)
    case 'incident':
      return paths.incident(place.id)
    case 'decision':
      return paths.decision(place.id)
    case 'users':
      return paths.users()
    case 'account':
      return paths.account()
    case 'nowhere':
      return '/nowhere'
  }
}

const nowhere: Place = { page: 'nowhere' }

/** The place that an address names. */
export function placeAt(pathname: string): Place {
  const [first = '', second, third, ...rest] = pathname.split('/').filter(Boolean)
  if (rest.length > 0) return nowhere
  if (second === undefined) {
    if (first === 'account') return { page: 'account' }
    const tab = (first || 'summary') as Tab
    return tabsOf.root.includes(tab) ? { page: 'object', noun: 'root', id: null, tab } : nowhere
  }
  if (first === 'administration') {
    return second === 'users' && third === undefined ? { page: 'users' } : nowhere
  }
  if (!/^\d{1,15}$/.test(second)) return nowhere
  if (first === 'tasks') return third === undefined ? { page: 'task', id: `task-${Number(second)}` } : nowhere
  if (first === 'incidents') {
    return third === undefined ? { page: 'incident', id: `incident-${Number(second)}` } : nowhere
  }
  if (first === 'decisions') {
    return third === undefined ? { page: 'decision', id: `decision-${Number(second)}` } : nowhere
  }
  const noun = nouns.find((name) => name !== 'root' && `${name}s` === first) as Exclude<Noun, 'root'>
  const tab = (third ?? 'summary') as Tab
  if (!noun || !tabsOf[noun].includes(tab)) return nowhere
  return { page: 'object', noun, id: `${noun}-${Number(second)}` as ObjectId, tab }
}

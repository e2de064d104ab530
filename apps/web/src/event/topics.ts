import { detailKinds, type EventKind } from '@drover/model'

export type Topic = 'vms' | 'hosts' | 'ha' | 'rules' | 'alarms' | 'tasks' | 'inventory' | 'people' | 'drover'

export const topicWords: Record<Topic, string> = {
  vms: 'VMs',
  hosts: 'Hosts',
  ha: 'High availability',
  rules: 'Rules',
  alarms: 'Alarms',
  tasks: 'Tasks',
  inventory: 'Clusters, storage, networks',
  people: 'People and keys',
  drover: 'Drover itself',
}

/** What each kind of event is about, for filtering. */
const topics: Record<EventKind, Topic> = {
  'datacenter.created': 'inventory',
  'datacenter.changed': 'inventory',
  'datacenter.deleted': 'inventory',
  'cluster.created': 'inventory',
  'cluster.changed': 'inventory',
  'cluster.deleted': 'inventory',
  'token.created': 'hosts',
  'host.enrolled': 'hosts',
  'host.removed': 'hosts',
  'host.state': 'hosts',
  'host.mode': 'hosts',
  'host.replanned': 'hosts',
  'host.facts': 'hosts',
  'host.refused': 'hosts',
  'datastore.found': 'inventory',
  'datastore.changed': 'inventory',
  'datastore.lost': 'inventory',
  'network.found': 'inventory',
  'vm.adopted': 'vms',
  'vm.power': 'vms',
  'vm.moved': 'vms',
  'vm.twice': 'vms',
  'vm.vanished': 'vms',
  'vm.changed': 'vms',
  'vm.defined': 'vms',
  'vm.created': 'vms',
  'vm.deleted': 'vms',
  'task.created': 'tasks',
  'task.step': 'tasks',
  'task.waiting': 'tasks',
  'task.cancel_asked': 'tasks',
  'task.ended': 'tasks',
  'vm.desired': 'vms',
  'vm.ha': 'vms',
  'vm.lost': 'ha',
  'vm.recovery': 'ha',
  'vm.homed': 'vms',
  'cluster.ha': 'ha',
  'cluster.balance': 'inventory',
  'cluster.uneven': 'inventory',
  'rule.created': 'rules',
  'rule.changed': 'rules',
  'rule.deleted': 'rules',
  'fence.created': 'ha',
  'fence.changed': 'ha',
  'fence.deleted': 'ha',
  'fence.tested': 'ha',
  'fence.answered': 'ha',
  'host.confirmed_off': 'ha',
  'host.quarantined': 'ha',
  'incident.opened': 'ha',
  'incident.mark': 'ha',
  'incident.vm': 'ha',
  'alarm.raised': 'alarms',
  'alarm.cleared': 'alarms',
  'alarm.acknowledged': 'alarms',
  'control.leading': 'drover',
  'user.signed_in': 'people',
  'user.sign_in_failed': 'people',
  'user.created': 'people',
  'user.changed': 'people',
  'user.removed': 'people',
  'key.created': 'people',
  'key.revoked': 'people',
}

/** The kinds to ask for: of the chosen topics (none chosen: of all), with or without the stages of tasks. */
export function kindsOf(chosen: ReadonlySet<Topic>, details: boolean): EventKind[] | undefined {
  if (chosen.size === 0 && details) return undefined
  const all = Object.keys(topics) as EventKind[]
  return all.filter(
    (kind) => (chosen.size === 0 || chosen.has(topics[kind])) && (details || !detailKinds.includes(kind)),
  )
}

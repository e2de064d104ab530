import {
  type ClusterId,
  type Datastore,
  type Host,
  type Incident,
  type IncidentId,
  type IncidentMark,
  type IncidentVm,
  type Ref,
  refOf,
  type Vm,
} from '@drover/model'
import type { Changes } from '../world/changes'
import { put } from '../world/rows'

export interface NewIncident {
  kind: Incident['kind']
  clusterId: ClusterId
  title: string
  host?: Host | null
  datastore?: Datastore | null
}

/** An incident as history names it. */
export function incidentRef(incident: Pick<Incident, 'id' | 'title'>): Ref<IncidentId> {
  return { id: incident.id, name: incident.title }
}

/** Opens an incident and, when it is about a host, points the host's row at it. */
export function openIncident(changes: Changes, { host, datastore, ...given }: NewIncident): Incident {
  const incident: Incident = {
    id: changes.ctx.ids.next('incident'),
    clusterId: given.clusterId,
    kind: given.kind,
    host: host ? refOf(host) : null,
    datastore: datastore ? refOf(datastore) : null,
    title: given.title,
    state: 'open',
    openedAt: changes.now,
    closedAt: null,
    finding: null,
    evidence: [],
    decision: null,
    proof: null,
    marks: [],
    vms: [],
  }
  const row = host && changes.get('host', host.id)
  const rows = row ? [put('host', { ...row, incidentId: incident.id })] : []
  changes.say({ kind: 'incident.opened', incident: incidentRef(incident), host: incident.host }, [
    put('incident', incident),
    ...rows,
  ])
  return incident
}

/**
 * Marks a moment of an incident, with whatever else becomes known at it. A mark is made once: the first one of its kind
 * stays, except `decided`, which may be decided anew. `at` is for moments that are only now known to have been one.
 */
export function markIncident(
  changes: Changes,
  incidentId: IncidentId | null | undefined,
  mark: IncidentMark,
  text: string,
  set: Partial<Incident> = {},
  at: number = changes.now,
): void {
  const incident = changes.get('incident', incidentId)
  if (!incident) return
  const again = incident.marks.some((one) => one.mark === mark && (mark !== 'decided' || one.text === text))
  if (again && Object.keys(set).length === 0) return
  const marks = again ? incident.marks : [...incident.marks, { mark, at, text }]
  const row: Incident = { ...incident, ...set, marks }
  changes.say({ kind: 'incident.mark', incident: incidentRef(incident), mark, text }, [put('incident', row)])
}

/**
 * Says how a VM fares in an incident. The first call puts it there; `first VM running` and `all VMs running` mark
 * themselves.
 */
export function noteVm(
  changes: Changes,
  incidentId: IncidentId | null | undefined,
  vm: Vm,
  set: Partial<Omit<IncidentVm, 'vm'>>,
): void {
  const incident = changes.get('incident', incidentId)
  if (!incident) return
  const before = incident.vms.find((one) => one.vm.id === vm.id)
  const fresh: IncidentVm = {
    vm: refOf(vm),
    tier: vm.ha.tier,
    state: 'waiting',
    taskId: null,
    host: null,
    lostAt: changes.now,
    askedAt: null,
    runningAt: null,
    why: null,
  }
  const note: IncidentVm = { ...(before ?? fresh), ...set }
  if (before && JSON.stringify(before) === JSON.stringify(note)) return
  const vms = before ? incident.vms.map((one) => (one.vm.id === vm.id ? note : one)) : [...incident.vms, note]
  const row: Incident = { ...incident, vms }
  const { state, why } = note
  changes.say({ kind: 'incident.vm', incident: incidentRef(incident), vm: refOf(vm), state, why }, [
    put('incident', row),
  ])
  if (state !== 'running' || before?.state === 'running') return
  const at = note.host ? ` on ${note.host.name}` : ''
  markIncident(changes, incident.id, 'first VM running', `${vm.name} runs${at}`)
  if (!vms.some((one) => one.state === 'waiting' || one.state === 'starting' || one.state === 'error')) {
    const count = vms.filter((one) => one.state === 'running').length
    const text = count === 1 ? 'its VM runs again' : `all ${count} VMs run again`
    markIncident(changes, incident.id, 'all VMs running', text)
  }
}

/** Whether an incident still waits for a VM. */
export function isUnsettled(incident: Incident): boolean {
  return incident.vms.some(({ state }) => state === 'waiting' || state === 'starting')
}

/** Closes an incident; it stays in history as it is, and its host points at it no longer. */
export function closeIncident(
  changes: Changes,
  incidentId: IncidentId | null | undefined,
  text: string,
): void {
  const incident = changes.get('incident', incidentId)
  if (incident?.state !== 'open') return
  markIncident(changes, incident.id, 'closed', text, { state: 'closed', closedAt: changes.now })
}

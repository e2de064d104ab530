import {
  type Cluster,
  type Datastore,
  type DatastoreId,
  type Host,
  type Incident,
  type IncidentId,
  type Initiator,
  isActive,
  type Vm,
  type VmId,
  type World,
} from '@drover/model'
import type { Context } from '../context'
import { accept, type Decision } from '../decision'
import { closeIncident, markIncident, noteVm, openIncident } from '../incident/rows'
import { choosePlaces } from '../plan/choosePlaces'
import { decidePower } from '../vm/power'
import { Changes } from '../world/changes'
import { hostRef, hostsOf, taskOf, vmsOn } from '../world/find'
import { isReachedElsewhere, storageLostAt } from '../world/storage'
import { isWanted } from './down'

const drover: Initiator = { kind: 'drover' }
/** A way to a datastore that has been gone for so long is not about to come back by itself. */
export const unpluggedMs = 10_000
/** After a stop or a resume that did not work. */
const againMs = 60_000
const orders = new Set(['vm.stop', 'vm.resume'])
/** As hypervisors say it of a guest whose disk failed. */
const diskFailed = 'a disk failed'

/**
 * VMs whose host can be heard and has lost its way to their disks: they stand still, and others could run them. Each that
 * fits elsewhere is stopped where it is; from then on it is a VM that should run and does not. Those whose disks are
 * there again in time go on where they are.
 */
export function decideUnplugged(world: World, ctx: Context): Decision {
  const changes = new Changes(world, { ...ctx, initiator: drover })
  for (const cluster of world.tables.cluster.values()) {
    if (cluster.ha.mode !== 'armed') continue
    for (const host of hostsOf(world, cluster)) {
      for (const datastore of lostBy(world, host, ctx.now)) takeAway(changes, cluster, host, datastore)
      for (const vm of vmsOn(world, host.id)) if (mayGoOn(world, vm, host, ctx.now)) goOn(changes, vm)
    }
  }
  for (const id of world.index.openIncidents) follow(changes, world.tables.incident.get(id)!)
  return accept(changes.events, null)
}

/** Datastores that a host has lost for good, while others have them. */
function lostBy(world: World, host: Host, now: number): Datastore[] {
  return host.datastores.flatMap(({ datastoreId }) => {
    const since = storageLostAt(world, host, datastoreId)
    const lost = since !== null && now - since >= unpluggedMs && isReachedElsewhere(world, host, datastoreId)
    return lost ? [world.tables.datastore.get(datastoreId)!] : []
  })
}

function takeAway(changes: Changes, cluster: Cluster, host: Host, datastore: Datastore): void {
  const { world, now } = changes
  const stuck = vmsOn(world, host.id).filter(
    (vm) =>
      isWanted(vm) &&
      isActive(vm) &&
      !taskOf(world, vm.id) &&
      vm.disks.some(({ datastoreId }) => datastoreId === datastore.id) &&
      !triedLately(world, vm, now),
  )
  if (stuck.length === 0) return
  const places = choosePlaces(world, stuck, { purpose: 'restart', lean: () => null })
  const reason = `${host.name} has lost its way to ${datastore.name}, which ${stuck.length === 1 ? 'its disk is' : 'its disks are'} on`
  for (const vm of stuck) {
    const place = places.get(vm.id)
    if (!place || 'refusals' in place) continue
    const decided = decidePower(world, 'vm.stop', { vmId: vm.id, keepsDesired: true, reason }, changes.ctx)
    if (!decided.ok) continue
    const incident = incidentOf(changes, cluster, host, datastore)
    changes.add(decided.change)
    const { taskId } = decided.value
    noteVm(changes, incident.id, vm, { state: 'waiting', taskId, why: 'is stopped where it is' })
  }
}

/** Whether a VM stands still for a disk that is there again. A hypervisor leaves it so until somebody says to go on. */
function mayGoOn(world: World, vm: Vm, host: Host, now: number): boolean {
  if (vm.power !== 'paused' || vm.powerReason !== diskFailed || !isWanted(vm)) return false
  if (host.state !== 'connected' || now - vm.powerSince < unpluggedMs || taskOf(world, vm.id)) return false
  const views = world.live.get(host.id)?.storage
  const there = vm.disks.every(({ datastoreId }) => {
    const uuid = world.tables.datastore.get(datastoreId)?.uuid ?? ''
    return storageLostAt(world, host, datastoreId) === null && views?.get(uuid)?.ok !== false
  })
  return there && !triedLately(world, vm, now)
}

function goOn(changes: Changes, vm: Vm): void {
  const input = { vmId: vm.id, keepsDesired: true, reason: 'its disks are there again' }
  const decided = decidePower(changes.world, 'vm.resume', input, changes.ctx)
  if (decided.ok) changes.add(decided.change)
}

function titleOf(host: Host, datastore: Datastore): string {
  return `${host.name} lost its way to ${datastore.name}`
}

function incidentOf(changes: Changes, cluster: Cluster, host: Host, datastore: Datastore): Incident {
  const title = titleOf(host, datastore)
  for (const { rows } of changes.events)
    for (const { table, row } of rows)
      if (table === 'incident' && row && (row as Incident).title === title) return row as Incident
  for (const id of changes.world.index.openIncidents) {
    const incident = changes.get('incident', id)!
    if (incident.kind === 'datastore' && incident.title === title) return incident
  }
  const incident = openIncident(changes, { kind: 'datastore', clusterId: cluster.id, title, datastore })
  const decision = `VMs that stand still on ${host.name} are stopped there and go on elsewhere`
  markIncident(changes, incident.id, 'decided', decision, { decision })
  return incident
}

/** The open incident of a datastore for whose sake a VM was stopped; null: it was not. */
export function takenAwayIn(world: World, vmId: VmId): IncidentId | null {
  for (const id of world.index.openIncidents) {
    const { kind, vms } = world.tables.incident.get(id)!
    if (kind === 'datastore' && vms.some(({ vm, state }) => vm.id === vmId && state === 'waiting')) return id
  }
  return null
}

/** Says in the incident which VMs run again; it ends when none waits, and the host has its datastore back or is gone itself. */
function follow(changes: Changes, incident: Incident): void {
  if (incident.kind !== 'datastore' || !incident.datastore) return
  const { world, now } = changes
  for (const { vm: ref, state, lostAt } of incident.vms) {
    const vm = world.tables.vm.get(ref.id)
    if (!vm || state === 'running' || taskOf(world, vm.id)) continue
    if (!isWanted(vm)) noteVm(changes, incident.id, vm, { state: 'left', why: 'it should be off' })
    else if (runsWith(world, vm, incident.datastore.id)) {
      // One that could not be stopped goes on from when its disks are there again.
      const runningAt = vm.powerSince < lostAt ? now : vm.powerSince
      const host = hostRef(world, vm.hostId)
      noteVm(changes, incident.id, vm, { state: 'running', host, runningAt, why: null })
    }
  }
  const { id } = incident.datastore
  const lost = hostsOf(world, { id: incident.clusterId }).some(
    (host) =>
      storageLostAt(world, host, id) !== null &&
      titleOf(host, world.tables.datastore.get(id)!) === incident.title,
  )
  const { vms } = changes.get('incident', incident.id)!
  const waits = vms.some(
    ({ vm, state }) => (state === 'waiting' || state === 'starting') && world.tables.vm.has(vm.id),
  )
  if (!lost && !waits) closeIncident(changes, incident.id, 'the datastore is there again, or the host is not')
}

/** Whether a VM runs, as its host says, which can be heard and gets at the datastore. */
function runsWith(world: World, vm: Vm, datastoreId: DatastoreId): boolean {
  const home = world.tables.host.get(vm.hostId)
  if (vm.power !== 'running' || home?.state !== 'connected') return false
  return storageLostAt(world, home, datastoreId) === null
}

/** Only asked when everything else speaks for it. */
function triedLately(world: World, vm: Vm, now: number): boolean {
  for (const task of world.tables.task.values())
    if (task.vmId === vm.id && orders.has(task.kind) && task.initiator.kind === 'drover')
      if (now - (task.endedAt ?? now) < againMs) return true
  return false
}

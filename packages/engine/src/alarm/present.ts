import {
  type Alarm,
  type AlarmCode,
  type Cluster,
  type Host,
  isActive,
  type Ref,
  refOf,
  sayList,
  sayRefusal,
  sayRefusals,
  type World,
} from '@drover/model'
import { levelsOf } from '../fence/devices'
import { stormOf, stormRefusal } from '../ha/storm'
import { fenceTaskOf } from '../host/liveness'
import { failoverCapacity } from '../plan/admission'
import { ghostsOn, uncleanOn } from '../recover/unclean'
import { violations } from '../rule/violations'
import { hostRef, hostsOf, vmsOn } from '../world/find'
import { isReachedElsewhere, storageLostAt } from '../world/storage'

/** A condition that holds now. It is the same one as long as code and object are. */
export type Present = Pick<Alarm, 'clusterId' | 'about' | 'code' | 'severity' | 'text'>

/** An agent that is stopped for an update is back by then. */
const unwatchedMs = 5 * 60_000
/** A VM that has waited this long for a restart is worth an alarm. */
const longWaitMs = 60_000
/** What is away for a moment is not. */
/** What a host that is back gets for giving up its old definitions. */
const cleaningMs = 15_000
const storageLostMs = 5_000
/** So many names are said. */
const named = 5

/** Every condition that somebody should know of now. Texts change only when what they say does: no times are in them. */
export function presentAlarms(world: World, now: number, { thorough = true } = {}): Present[] {
  const found: Present[] = []
  for (const cluster of world.tables.cluster.values()) {
    if (hostsOf(world, cluster).length === 0) continue
    const add = (code: AlarmCode, about: Ref, severity: Present['severity'], text: string) =>
      found.push({ clusterId: cluster.id, about, code, severity, text })
    ofCluster(world, cluster, add)
    if (thorough) thoroughly(world, cluster, add)
    for (const host of hostsOf(world, cluster)) ofHost(world, host, now, add)
  }
  ofVms(world, now, found)
  ofDevices(world, found)
  return found
}

type Add = (code: AlarmCode, about: Ref, severity: Present['severity'], text: string) => void

function ofCluster(world: World, cluster: Cluster, add: Add): void {
  const self = refOf(cluster)
  const { mode, modeReason } = cluster.ha
  if (mode !== 'armed')
    add(
      'ha_disarmed',
      self,
      'warning',
      sayRefusal({ code: 'ha_disarmed', cluster: self, mode, by: modeReason }),
    )
  const storm = mode === 'handsOff' ? null : stormOf(world, cluster)
  if (storm) add('storm', self, 'error', sayRefusal(stormRefusal(cluster, storm)))
  if (world.self.referencesLostAt.has(cluster.id))
    add(
      'references_lost',
      self,
      'error',
      `Control reaches none of the reference addresses of ${cluster.name} (${sayList(cluster.ha.referenceAddresses)}): it may be cut off itself, and fences nobody. Check its network.`,
    )
  // A simulated host is nobody's loss.
  const bare = hostsOf(world, cluster).filter(
    (host) =>
      host.facts !== null &&
      host.facts.hypervisor.kind !== 'simulated' &&
      levelsOf(world, host.id).length === 0,
  )
  if (bare.length > 0 && mode === 'armed')
    add(
      'no_fence_device',
      self,
      'warning',
      `${names(bare)} ${bare.length === 1 ? 'has' : 'have'} no fence device: when ${bare.length === 1 ? 'it hangs' : 'one of them hangs'}, its VMs wait for its own deadline or for somebody. Add a device.`,
    )
}

/** Conditions that are dear to find out: every failure of the policy's size is tried. */
export const thoroughCodes: readonly AlarmCode[] = ['failover_short', 'rule_broken']

function thoroughly(world: World, cluster: Cluster, add: Add): void {
  const self = refOf(cluster)
  const capacity = failoverCapacity(world, cluster.id)
  if (!capacity.ok && cluster.ha.admission.action !== 'off')
    add('failover_short', self, 'warning', capacity.text)
  for (const { rule, text } of violations(world, cluster.id)) add('rule_broken', rule, 'warning', text)
}

function ofHost(world: World, host: Host, now: number, add: Add): void {
  const self = refOf(host)
  const incident = host.incidentId ? world.tables.incident.get(host.incidentId) : undefined
  if (host.state === 'isolated')
    add(
      'host_isolated',
      self,
      'error',
      `${host.name} cannot be heard, but its VMs run. Look at its agent and at the management network.`,
    )
  if (
    host.state === 'unwatched' &&
    host.mode !== 'maintenance' &&
    now - (host.facts?.goodbye?.at ?? now) >= unwatchedMs
  )
    add('host_unwatched', self, 'warning', sayUnwatched(world, host))
  // Once all devices have failed it stands until there is proof, also while they are tried again.
  const unproven =
    (host.state === 'suspect' && incident?.finding === 'unproven') ||
    (host.state === 'fencing' && fenceTaskOf(world, host.id)?.memo.times !== undefined)
  if (unproven)
    add(
      'host_unproven',
      self,
      'error',
      `${host.name} is lost and nothing proves that it is off, so its VMs stay down. Look at it, and confirm that it is off.`,
    )
  if (host.quarantinedUntil !== null && host.quarantinedUntil > now)
    add(
      'host_quarantined',
      self,
      'warning',
      `${host.name} was lost too often and gets no VMs for now. Find out why, then end its quarantine.`,
    )
  if (host.standby?.failed && host.state === 'fenced')
    add(
      'host_not_woken',
      self,
      'error',
      `${host.name} was to be woken and did not come up: ${host.standby.failed.why.replace(/\.$/, '')}. Nothing counts on it. Look at its console, then wake it.`,
    )
  // Every host that returns is cleaned first; what is worth an alarm is one where that does not come to an end.
  const settled = host.state === 'connected' && now - host.stateSince > cleaningMs
  const unclean = settled ? uncleanOn(world, host) : []
  if (unclean.length > 0)
    add(
      'host_unclean',
      self,
      'warning',
      sayRefusal({ code: 'host_unclean', host: self, vms: unclean.map(refOf) }),
    )
  const ghosts = ghostsOn(world, host)
  if (ghosts.length > 0)
    add('deleted_vms_run', self, 'error', sayRefusal({ code: 'deleted_vms_run', host: self, vms: ghosts }))
  for (const { datastoreId } of host.datastores) {
    const lostAt = storageLostAt(world, host, datastoreId)
    if (lostAt === null || now - lostAt < storageLostMs) continue
    const name = world.tables.datastore.get(datastoreId)!.name
    const others = isReachedElsewhere(world, host, datastoreId)
      ? ' Others do: the way from this host is broken.'
      : ''
    const uses = vmsOn(world, host.id).filter(
      (vm) => isActive(vm) && vm.disks.some((disk) => disk.datastoreId === datastoreId),
    )
    const whose = uses.length > 0 ? ` ${sayList(few(uses.map((vm) => vm.name)))} cannot use their disks.` : ''
    const text = `${host.name} cannot get at ${name}.${others}${whose} Check its path to the storage.`
    add('datastore_unreachable', { id: host.id, name: `${host.name} / ${name}` }, 'error', text)
  }
}

function sayUnwatched(world: World, host: Host): string {
  const vms = vmsOn(world, host.id).filter(isActive).length
  const whose =
    vms === 0
      ? 'No VM runs there'
      : `${vms === 1 ? 'Its VM runs' : `Its ${vms} VMs run`} on, and would be restarted only if a fence device said that it is off`
  return `Nobody watches ${host.name}: its agent was stopped and has not come back. ${whose}. Start it there (systemctl start drover-agent); if the host is dead, fence it or confirm that it is off.`
}

function ofVms(world: World, now: number, found: Present[]): void {
  for (const vm of world.tables.vm.values()) {
    const about = refOf(vm)
    const add = (code: AlarmCode, text: string) =>
      found.push({ clusterId: vm.clusterId, about, code, severity: 'error', text })
    if (vm.alsoOn?.length) {
      const hosts = [vm.hostId, ...vm.alsoOn].map((id) => hostRef(world, id))
      add('vm_twice', sayRefusal({ code: 'vm_twice', vm: about, hosts }))
    }
    const { recovery } = vm
    if (!recovery) continue
    if (recovery.state === 'error')
      add('vm_not_restarted', `${vm.name} could not be started again. ${sayRefusals(recovery.why)}`.trim())
    else if (recovery.state === 'waiting' && now - recovery.since >= longWaitMs)
      add(
        'vm_not_restarted',
        `${vm.name} should run and does not. ${firstWords(sayRefusals(recovery.why))}`.trim(),
      )
  }
}

function ofDevices(world: World, found: Present[]): void {
  for (const device of world.tables.fence.values()) {
    const host = world.tables.host.get(device.hostId)
    if (!host || !device.enabled || device.lastTest === null || device.lastTest.ok) continue
    const text = `${device.name} of ${host.name} failed its test: ${device.lastTest.message.replace(/[.]+$/, '')}. Mend it before it is needed.`
    const about = refOf(device)
    found.push({ clusterId: host.clusterId, about, code: 'fence_test_failed', severity: 'error', text })
  }
}

function names(hosts: Host[]): string {
  return sayList(few(hosts.map(({ name }) => name)))
}

function few(all: string[]): string[] {
  const sorted = all.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))
  return sorted.length <= named
    ? sorted
    : [...sorted.slice(0, named - 1), `${sorted.length - named + 1} others`]
}

/** Reasons against every host can be long: an alarm has the beginning, the VM's page has all. */
function firstWords(text: string): string {
  return text.length <= 400 ? text : `${text.slice(0, 399)}…`
}

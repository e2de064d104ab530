import { type Host, type HostId, type Refusal, refOf, type Vm, type World } from '@drover/model'
import { hostRef } from '../world/find'

/**
 * Whether a VM may be started although a host may have run it: `yes` when that host is proven unable to, or says itself
 * that it does not; `wait` when it is about to say; `no` with the reasons when nothing is known.
 */
export type Source = { may: 'yes' } | { may: 'wait'; host: Host } | { may: 'no'; why: Refusal[] }

/** How fresh a heartbeat on a datastore has to be for what it says to count. */
const freshMs = 3_000

const yes: Source = { may: 'yes' }

/** What is known of a VM at a host that had it. `except`: where it is about to be started. */
export function sourceOf(
  world: World,
  vm: Vm,
  hostId: HostId,
  now: number,
  except: HostId | null = null,
): Source {
  const host = world.tables.host.get(hostId)
  const elsewhere = runsElsewhere(world, vm, hostId, except)
  if (elsewhere) {
    const hosts = [hostRef(world, hostId), elsewhere]
    return { may: 'no', why: [{ code: 'vm_twice', vm: refOf(vm), hosts }] }
  }
  if (!host) return yes
  switch (host.state) {
    case 'fenced':
      if (!isAliveAfterAll(world, vm, host, now)) return yes
      return {
        may: 'no',
        why: [{ code: 'host_not_proven', host: refOf(host), state: `still writing that it runs ${vm.name}` }],
      }
    case 'connected': {
      const live = world.live.get(hostId)
      if (!live || live.reportedAt === null) return { may: 'wait', host }
      const seen = live.seen.get(vm.uuid)
      // Gone from its home without our doing: it may have moved to a host that cannot say so now, with its newest disk.
      if (!seen && vm.power === 'missing' && vm.hostId === hostId && !allSpeak(world, host.clusterId))
        return { may: 'no', why: [{ code: 'vm_missing', vm: refOf(vm), host: refOf(host) }] }
      if (!seen || ((seen.state === 'off' || seen.state === 'crashed') && seen.moving === null)) return yes
      return { may: 'no', why: [{ code: 'vm_power', vm: refOf(vm), is: seen.state, needs: ['off'] }] }
    }
    case 'connecting':
      return { may: 'wait', host }
    case 'isolated':
      if (hasLetGo(world, vm, host, now)) return yes
      break
    default:
  }
  return { may: 'no', why: [{ code: 'host_not_proven', host: refOf(host), state: host.state }] }
}

/** What a host wrote before it died is read by all that time after. */
const lastWordsMs = 5_000

/**
 * Whether a host that counts as dead still says, long after its proof, that it runs a VM: on a datastore that the VM has
 * disks on, so it could write to them. Then the proof was wrong, or somebody has switched the host on out of sight.
 */
function isAliveAfterAll(world: World, vm: Vm, host: Host, now: number): boolean {
  const provenAt = host.proof?.at ?? host.stateSince
  if (now - provenAt < lastWordsMs) return false
  const uuids = new Set(
    vm.disks.flatMap((disk) => world.tables.datastore.get(disk.datastoreId ?? '')?.uuid ?? []),
  )
  for (const [id, live] of world.live) {
    if (id === host.id) continue
    for (const uuid of uuids) {
      const view = live.storage.get(uuid)
      const beat = view?.ok && now - view.at <= freshMs ? view.beats.get(host.id) : undefined
      if (!beat || beat.changedAt <= provenAt + lastWordsMs || now - beat.changedAt > freshMs) continue
      if (!beat.running || beat.running.includes(vm.uuid)) {
        if (world.tables.host.get(id)?.state === 'connected') return true
      }
    }
  }
  return false
}

/** Whether every host of a cluster can be heard and has said what it runs. */
function allSpeak(world: World, clusterId: Host['clusterId']): boolean {
  return [...world.tables.host.values()]
    .filter((host) => host.clusterId === clusterId)
    .every(({ id, state }) => state === 'connected' && (world.live.get(id)?.reportedAt ?? null) !== null)
}

/** Another host that can be heard and says that it runs the VM. */
function runsElsewhere(world: World, vm: Vm, hostId: HostId, except: HostId | null) {
  for (const [id, live] of world.live) {
    if (id === hostId || id === except || live.reportedAt === null) continue
    const state = live.seen.get(vm.uuid)?.state
    if (state !== 'running' && state !== 'paused') continue
    if (world.tables.host.get(id)?.state === 'connected') return hostRef(world, id)
  }
  return null
}

/**
 * Whether an isolated host has stopped a VM by itself, as its isolation response says: every fresh heartbeat of it, on
 * whatever datastore and read by whomever, says that it is alone and does not list the VM. Proof for this VM only.
 */
export function hasLetGo(world: World, vm: Vm, host: Host, now: number): boolean {
  const ofCluster = world.tables.cluster.get(vm.clusterId)?.ha.isolationResponse ?? 'leave'
  if ((vm.ha.isolation ?? ofCluster) === 'leave') return false
  return isAbsent(world, vm, host, now)
}

/**
 * Whether a host that is cut off says on its datastores that it does not have a VM: every fresh heartbeat, whoever reads
 * it. One that its reader has not seen move yet says nothing, for it may have been written before the VM came.
 */
export function isAbsent(world: World, vm: Vm, host: Host, now: number): boolean {
  let told = false
  for (const [id, live] of world.live) {
    if (id === host.id || world.tables.host.get(id)?.state !== 'connected') continue
    for (const view of live.storage.values()) {
      const beat = view.beats.get(host.id)
      if (!beat || beat.unmoved || !view.ok || now - view.at > freshMs || now - beat.changedAt > freshMs)
        continue
      if (!beat.alone || !beat.running || beat.running.includes(vm.uuid)) return false
      told = true
    }
  }
  return told
}

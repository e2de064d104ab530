import {
  type AdmissionPolicy,
  type Cluster,
  type ClusterId,
  type FailoverCapacity,
  type HostId,
  type Refusal,
  refOf,
  sayBytes,
  sayCount,
  sayList,
  sayPercent,
  type Vm,
  type World,
} from '@drover/model'
import { type Tolerance, tolerates } from '@drover/planner'
import { memory, modelOf, type Picture } from './modelOf'

/** More failures at once than this are not tried: nobody plans for them, and trying takes long. */
const mostFailures = 4
const thorough = { findWorst: true }

/** What failures a cluster survives now, found by placing the VMs of every host, pair of hosts, … on those that are left. */
export function failoverCapacity(world: World, clusterId: ClusterId): FailoverCapacity {
  const cluster = world.tables.cluster.get(clusterId)!
  const policy = cluster.ha.admission
  const picture = pictureOf(world, clusterId)
  const { model } = picture
  const open = model.hosts.filter(({ accepts }) => accepts)
  let most = 0
  while (most < Math.min(mostFailures, open.length - 1) && tolerates(model, most + 1).ok) most += 1
  const failures = policy.by === 'hosts' ? policy.hostFailures : Math.max(1, most + 1)
  const worst =
    policy.by === 'hosts' && failures <= most ? null : worstOf(picture, tolerates(model, failures, thorough))
  const room = roomOf(picture, policy)
  const ok = policy.by === 'hosts' ? failures <= most : room.free >= room.kept
  return {
    ok,
    tolerates: most,
    hosts: open.length,
    worst,
    bound: picture.bound.map(refOf),
    memory: { totalBytes: room.total, usedBytes: room.total - room.free, keptFreeBytes: room.kept },
    text: textOf(cluster, ok, most, room, worst) + sayBound(picture.bound),
  }
}

/**
 * Whether powering this VM on there would leave the policy's failures survivable: refusals with the numbers where the
 * policy refuses, else a warning, or neither. `vm` need not be in the world.
 */
export function checkAdmission(
  world: World,
  vm: Vm,
  hostId: HostId,
): { refusals: Refusal[]; warning: string | null } {
  const cluster = world.tables.cluster.get(vm.clusterId)
  const none = { refusals: [], warning: null }
  if (!cluster || cluster.ha.mode === 'handsOff') return none
  const policy = cluster.ha.admission
  if (policy.action === 'off' || (policy.by === 'hosts' && policy.hostFailures === 0)) return none
  const picture = pictureOf(world, vm.clusterId, { vm, hostId })
  // Where there is nothing to fail over to, nobody counts on it.
  if (policy.action === 'warn' && picture.model.hosts.filter(({ accepts }) => accepts).length < 2) return none
  const refusal = policy.by === 'hosts' ? byHosts(cluster, vm, picture) : byShare(cluster, vm, picture)
  if (!refusal) return none
  return policy.action === 'refuse'
    ? { refusals: [refusal], warning: null }
    : { refusals: [], warning: refusal.code === 'failover_short' ? refusal.sentence : null }
}

function pictureOf(
  world: World,
  clusterId: ClusterId,
  assume: { vm: Vm; hostId: HostId } | null = null,
): Picture {
  return modelOf(world, clusterId, { purpose: 'restart', vms: [], everything: true, assume })
}

/** The nearest remedy: where hosts sleep, to wake one. */
function remedy({ hosts }: Picture, otherwise: string): string {
  const asleep = hosts.filter(({ mode }) => mode === 'standby').map(({ name }) => name)
  if (asleep.length === 0) return otherwise.charAt(0).toUpperCase() + otherwise.slice(1)
  return `Wake ${sayList(asleep.slice(0, 3), 'or')}, ${otherwise}`
}

function byHosts(cluster: Cluster, vm: Vm, picture: Picture): Refusal | null {
  const { hostFailures } = cluster.ha.admission
  const tolerance = tolerates(picture.model, hostFailures, thorough)
  if (tolerance.ok) return null
  const worst = worstOf(picture, tolerance)
  const stranded = worst ? sayStranded(worst) : 'Not every failure could be shown to be survivable.'
  const sentence =
    `With ${vm.name} running, ${cluster.name} would not survive ${sayCount(hostFailures, 'host failure')}. ${stranded} ` +
    `${remedy(picture, 'free memory')}, add a host, or change what ${cluster.name} has to survive.`
  return {
    code: 'failover_short',
    cluster: refOf(cluster),
    failures: hostFailures,
    lost: worst?.lost ?? [],
    vms: worst?.vms ?? [],
    sentence,
  }
}

function byShare(cluster: Cluster, vm: Vm, picture: Picture): Refusal | null {
  const { free, kept } = roomOf(picture, cluster.ha.admission)
  if (free >= kept) return null
  const sentence =
    `With ${vm.name} running, ${cluster.name} would have ${sayBytes(Math.max(0, free))} of memory free; ` +
    `${sayBytes(kept)} (${sayPercent(cluster.ha.admission.reservedShare)}) are kept for failures. ` +
    `${remedy(picture, `free ${sayBytes(kept - free)}`)}, add a host, or keep less.`
  return { code: 'failover_short', cluster: refOf(cluster), failures: 0, lost: [], vms: [], sentence }
}

function worstOf({ hosts, vms }: Picture, { worst }: Tolerance): FailoverCapacity['worst'] {
  if (!worst) return null
  return {
    lost: worst.failed.map((host) => refOf(hosts[host]!)),
    vms: worst.down.map((vm) => refOf(vms[vm]!)),
  }
}

interface Room {
  total: number
  free: number
  kept: number
}

/** Memory of the hosts that take VMs: all, free, and what the policy keeps free (by hosts: that of the largest ones). */
function roomOf({ model }: Picture, policy: AdmissionPolicy): Room {
  const open = model.hosts.filter(({ accepts }) => accepts)
  const sizes = open.map(({ capacity }) => capacity[memory]!).sort((a, b) => b - a)
  const total = sizes.reduce((sum, size) => sum + size, 0)
  const free = open.reduce((sum, { capacity, used }) => sum + capacity[memory]! - used[memory]!, 0)
  const largest = sizes.slice(0, policy.hostFailures).reduce((sum, size) => sum + size, 0)
  return { total, free, kept: policy.by === 'hosts' ? largest : Math.round(total * policy.reservedShare) }
}

function textOf(
  { name, ha }: Cluster,
  ok: boolean,
  most: number,
  room: Room,
  worst: FailoverCapacity['worst'],
): string {
  const survives =
    most === 0
      ? `${name} survives no host failure.`
      : `${name} survives any ${sayCount(most, 'host failure')}.`
  const { by, hostFailures } = ha.admission
  if (by === 'share') {
    const sentence = `${sayBytes(Math.max(0, room.free))} of memory are free, ${sayBytes(room.kept)} have to be.`
    return `${survives} ${sentence}${ok ? '' : ` Free ${sayBytes(room.kept - room.free)} or add a host.`}`
  }
  if (ok || !worst) return survives
  return `${survives} It has to survive ${hostFailures}. ${sayStranded(worst)} Free memory or add a host.`
}

/** Said beside the number, since it is no part of it. */
function sayBound(bound: readonly Vm[]): string {
  if (bound.length === 0) return ''
  const names = bound.slice(0, 3).map(({ name }) => name)
  const more = bound.length > 3 ? [...names, sayCount(bound.length - 3, 'other VM')] : names
  const [whose, stay] = bound.length === 1 ? ['its host', 'stays'] : ['their hosts', 'stay']
  return ` Not counted: ${sayList(more)} ${stay} down with ${whose}, because no other host has ${bound.length === 1 ? 'its' : 'their'} disks or networks.`
}

function sayStranded({ lost, vms }: NonNullable<FailoverCapacity['worst']>): string {
  const names = vms.slice(0, 3).map(({ name }) => name)
  const more = vms.length > 3 ? [...names, sayCount(vms.length - 3, 'other VM')] : names
  return `If ${sayList(lost.map(({ name }) => name))} failed, there would be no place for ${sayList(more)}.`
}

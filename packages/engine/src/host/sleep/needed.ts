import {
  type Cluster,
  type EvacuationMove,
  type Host,
  type Ref,
  type Refusal,
  refOf,
  sayList,
  type World,
} from '@drover/model'
import { whyNotSpared } from '@drover/planner'
import { loadPicture } from '../../load/picture'
import { loadRules } from '../../load/rules'
import { waysIn } from '../../load/ways'

/**
 * What comes before saving power, in words: hosts that fail, and VMs that wait for a place. Null: nothing does. Cheap: it is
 * asked at every look.
 */
export function whyComesFirst(world: World, host: Host): string | null {
  for (const id of world.index.openIncidents) {
    const incident = world.tables.incident.get(id)
    if (incident?.clusterId === host.clusterId && incident.kind !== 'vm')
      return `${incident.title}, and ${host.name} may be needed`
  }
  for (const vm of world.tables.vm.values())
    if (vm.clusterId === host.clusterId && vm.recovery && vm.recovery.state !== 'error')
      return `${vm.name} is being started again, and ${host.name} may be needed`
  return null
}

/**
 * Why the cluster cannot do without this host, once its VMs are where `moves` has them: a failure that has to be survivable
 * would not be. By the picture and the measure by which rules choose who sleeps.
 */
export function checkSpared(world: World, host: Host, moves: readonly EvacuationMove[]): Refusal[] {
  const cluster = world.tables.cluster.get(host.clusterId)
  if (!cluster || cluster.ha.mode === 'handsOff') return []
  const { by, hostFailures } = cluster.ha.admission
  // What its hosts use does not matter here, and when it is does not either.
  const rules = loadRules(world, cluster)
  const picture = loadPicture(world, cluster, rules, 0, { unheard: 'idle' })!
  const ways = waysIn(
    picture,
    moves.map(({ vm, target }) => ({ vm, source: refOf(host), target })),
  )
  const sleeper = picture.hosts.findIndex(({ id }) => id === host.id)
  const missing = whyNotSpared(picture, rules, sleeper, ways)
  if (!missing) return []
  const lost = missing.failed.map((one) => refOf(picture.hosts[one]!))
  const vms = missing.down.map((vm) => refOf(picture.vms[vm]!))
  const sentence = by === 'share' ? sayShare(host, cluster) : sayStranded(host, cluster, lost, vms)
  return [{ code: 'failover_short', cluster: refOf(cluster), failures: hostFailures, lost, vms, sentence }]
}

function sayShare(host: Host, cluster: Cluster): string {
  return `Without ${host.name}, less memory of ${cluster.name} would be free than is kept for failures.`
}

function sayStranded(host: Host, { name, ha }: Cluster, lost: Ref[], vms: Ref[]): string {
  const { hostFailures } = ha.admission
  const names = sayList(vms.slice(0, 3).map((vm) => vm.name))
  const failed = sayList(lost.map((one) => one.name))
  const stranded = names ? ` If ${failed} failed, there would be no place for ${names}.` : ''
  const failures = hostFailures === 1 ? 'a host failure' : `${hostFailures} host failures`
  return `While ${host.name} sleeps, ${name} would not survive ${failures}.${stranded} Free memory, or put it to sleep even if it is needed.`
}

import { type Host, type Refusal, refOf, sayList, type World } from '@drover/model'
import { tolerates } from '@drover/planner'
import { memory, modelOf } from '../../plan/modelOf'

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

/** Why the cluster cannot do without this host: a failure that has to be survivable would not be. */
export function checkSpared(world: World, host: Host): Refusal[] {
  const cluster = world.tables.cluster.get(host.clusterId)
  if (!cluster || cluster.ha.mode === 'handsOff') return []
  const { by, action, hostFailures, reservedShare } = cluster.ha.admission
  if (action === 'off') return []
  const { model, hosts, vms } = modelOf(world, cluster.id, {
    purpose: 'restart',
    vms: [],
    everything: true,
    avoid: new Set([host.id]),
  })
  const refuse = (sentence: string, lost: Host[] = [], down: number[] = []): Refusal[] => [
    {
      code: 'failover_short',
      cluster: refOf(cluster),
      failures: hostFailures,
      lost: lost.map(refOf),
      vms: down.map((vm) => refOf(vms[vm]!)),
      sentence,
    },
  ]
  if (by === 'share') {
    const self = hosts.findIndex(({ id }) => id === host.id)
    let [total, free] = [0, 0]
    for (const { accepts, capacity, used } of model.hosts)
      if (accepts) {
        total += capacity[memory]!
        free += capacity[memory]! - used[memory]!
      }
    free -= model.vmsOn[self]!.reduce((sum, vm) => sum + model.vms[vm]!.size[memory]!, 0)
    return free >= reservedShare * total
      ? []
      : refuse(
          `Without ${host.name}, less memory of ${cluster.name} would be free than is kept for failures.`,
        )
  }
  if (hostFailures === 0) return []
  // With one host fewer, any so many more may fail: what it runs now counts as having to go somewhere, too.
  const { ok, worst } = tolerates(model, hostFailures, { findWorst: false })
  if (ok && model.hosts.filter(({ accepts }) => accepts).length > hostFailures) return []
  const lost = (worst?.failed ?? []).map((one) => hosts[one]!)
  const names = sayList((worst?.down ?? []).slice(0, 3).map((vm) => vms[vm]!.name))
  const stranded = names
    ? ` If ${sayList(lost.map(({ name }) => name))} failed, there would be no place for ${names}.`
    : ''
  const sentence = `While ${host.name} sleeps, ${cluster.name} would not survive ${hostFailures === 1 ? 'a host failure' : `${hostFailures} host failures`}.${stranded} Free memory, or put it to sleep even if it is needed.`
  return refuse(sentence, lost, worst?.down)
}

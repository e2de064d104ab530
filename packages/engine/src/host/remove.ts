import { type Host, type Refusal, type RowWrite, refOf, type World } from '@drover/model'
import type { Context } from '../context'
import { accept, type Decision, refuse } from '../decision'
import { thresholdsWithout } from '../load/threshold'
import { withoutGone } from '../rule/decide'
import { vmsOn } from '../world/find'
import { drop, put } from '../world/rows'
import { checkIdle } from './maintenance'

export function checkRemove(world: World, host: Host, confirmName: string | null): Refusal[] {
  const refusals = checkIdle(world, host)
  if (confirmName !== host.name) refusals.push({ code: 'confirm_name', noun: 'host', name: host.name })
  return refusals
}

/**
 * Takes a host and the VMs that live on it out of the inventory. Nothing is stopped or deleted: they run on, unmanaged. What
 * other hosts may still have of them is not theirs to give up, either: it may be the last that is known of a VM.
 */
export function decideRemove(
  world: World,
  { hostId, confirmName }: { hostId: string; confirmName: string },
  ctx: Context,
): Decision {
  const host = world.tables.host.get(hostId)
  if (!host) return refuse([{ code: 'not_found', noun: 'host', id: hostId }])
  const refusals = checkRemove(world, host, confirmName)
  if (refusals.length > 0) return refuse(refusals)
  const vms = vmsOn(world, host.id)
  const devices = [...(world.index.fencesByHost.get(host.id) ?? [])].map((id) => drop('fence', id))
  const rows = [
    ...vms.flatMap((vm) => [drop('definition', vm.id), drop('vm', vm.id)]),
    ...devices,
    drop('host', host.id),
    ...withoutSleeper(world, host),
  ]
  const { initiator } = ctx
  const gone = new Set<string>([host.id, ...vms.map(({ id }) => id)])
  const rules = withoutGone(world, host.clusterId, gone, { initiator })
  const thresholds = thresholdsWithout(world, host.id, { initiator })
  return accept(
    [...rules, ...thresholds, { body: { kind: 'host.removed', host: refOf(host) }, initiator, rows }],
    null,
  )
}

/** Its cluster's settings for saving power name it no more: what names hosts that are gone could not be changed. */
function withoutSleeper(world: World, { id, clusterId }: Host): RowWrite[] {
  const cluster = world.tables.cluster.get(clusterId)
  if (!cluster?.power?.hostIds?.includes(id)) return []
  const hostIds = cluster.power.hostIds.filter((one) => one !== id)
  return [put('cluster', { ...cluster, power: { ...cluster.power, hostIds } })]
}

import { type FenceDevice, type Host, refOf, sayRefusal } from '@drover/model'
import { answered } from '../../fence/answered'
import { levelsOf } from '../../fence/devices'
import { isHeard } from '../../ha/life'
import { stormAround, stormRefusal } from '../../ha/storm'
import { markIncident } from '../../incident/rows'
import type { Flow } from '../../task/flow'
import { Changes } from '../../world/changes'
import { stateChanged } from '../liveness'
import { type FenceMemo, type FenceScene, finish, order, waitingFor, whyOf } from './words'

/** The first orders. Before the first one goes out, it waits for its turn and its delay. */
export function powerOff(scene: FenceScene, host: Host, memo: FenceMemo): Flow {
  const [devices = []] = levelsOf(scene.world, host.id)
  if (devices.length === 0) return { flow: 'next', skipped: true }
  if (!scene.said) {
    const from = memo.offAt === undefined ? startsAt(scene, devices) : 0
    if (scene.now < from) return { flow: 'wait', waiting: waitingFor(host, devices[0]!, 0), untilAt: from }
    return firstOff(scene, host, devices[memo.at ?? 0] ?? devices[0]!)
  }
  const events = answered(scene, host)
  if (!scene.said.result.ok)
    return { flow: 'next', memo: { at: 0, act: 'off', round: 1, why: whyOf(scene) }, events }
  const at = (memo.at ?? 0) + 1
  const next = devices[at]
  if (next) return { ...order('fence.off', next), memo: { at }, events }
  return { flow: 'next', memo: { at: 0, act: 'status', round: 0, polls: 0 }, events }
}

function firstOff(scene: FenceScene, host: Host, device: FenceDevice): Flow {
  const { task, now } = scene
  const changes = new Changes(scene.world, scene.ctx, { initiator: task.initiator, taskId: task.id })
  markIncident(changes, host.incidentId, 'fence started', `${device.name} is told to switch it off`)
  const offAt = (task.memo as FenceMemo).offAt ?? now
  return { ...order('fence.off', device), memo: { offAt, level: 0 }, events: changes.events }
}

/** Not before its device's delay, nor too soon after another fence of the cluster. */
function startsAt(scene: FenceScene, devices: FenceDevice[]): number {
  const { world, task } = scene
  const delayMs = Math.max(...devices.map((device) => device.delayMs))
  const from = (task.startedAt ?? scene.now) + delayMs
  const quietMs = task.params.byHand ? 0 : (world.tables.cluster.get(task.clusterId)?.ha.fenceQuietMs ?? 0)
  if (quietMs <= 0) return from
  let last = 0
  for (const other of world.tables.task.values())
    if (other.kind === 'host.fence' && other.clusterId === task.clusterId && other.id !== task.id)
      last = Math.max(last, (other.memo as FenceMemo).offAt ?? 0)
  return last === 0 ? from : Math.max(from, last + quietMs)
}

/** Why a fence that has not switched anything off yet is given up. */
export function whyStop({ task, world, now }: FenceScene, host: Host): string | null {
  if (task.state === 'cancelling') return 'it was cancelled'
  if (task.params.byHand) return null
  if (isHeard(world, host, now)) return 'its agent is heard again'
  const cluster = world.tables.cluster.get(task.clusterId)
  if (!cluster) return null
  const { mode, modeReason } = cluster.ha
  if (mode !== 'armed')
    return sayRefusal({ code: 'ha_disarmed', cluster: refOf(cluster), mode, by: modeReason })
  if (world.self.referencesLostAt.has(cluster.id))
    return 'control reaches none of its own reference addresses. Check its network'
  const storm = stormAround(world, host)
  return storm ? sayRefusal(stormRefusal(cluster, storm)) : null
}

export function callOff(scene: FenceScene, host: Host, why: string): Flow {
  const changes = new Changes(scene.world, scene.ctx, {
    initiator: { kind: 'drover' },
    taskId: scene.task.id,
  })
  if (host.state === 'fencing') {
    const live = scene.world.live.get(host.id)
    const heard = live !== undefined && live.reportedAt !== null && scene.now - live.heardAt < 3_000
    const changed = stateChanged(host, heard ? 'connected' : 'suspect', `it is not fenced: ${why}`, scene.now)
    if (changed) changes.add([changed.event])
  }
  return { ...finish(scene, 'cancelled', why), events: changes.events }
}

import { type Host, refOf } from '@drover/model'
import { answered } from '../../fence/answered'
import { softDevicesOf } from '../../fence/devices'
import { markIncident } from '../../incident/rows'
import type { Flow } from '../../task/flow'
import { Changes } from '../../world/changes'
import { callOff } from './off'
import { type FenceMemo, type FenceScene, order } from './words'

/** What a restarted agent gets to be heard again. */
const softMs = 10_000

/** Has its agent restarted by every soft device until one has done it, and waits a while for the agent. */
export function softly(scene: FenceScene, host: Host): Flow {
  const { world, said, now } = scene
  const memo = scene.task.memo as FenceMemo
  const devices = softDevicesOf(world, host.id)
  const events = said ? answered(scene, host) : []
  const done = (memo.soft ?? 0) + (said ? 1 : 0)
  const ok = said?.result.ok ?? false
  const until = ok ? now + softMs : memo.softUntil
  if (scene.task.state === 'cancelling') return callOff(scene, host, 'it was cancelled')
  const next = devices[done]
  if (!ok && !memo.softUntil && next) {
    const changes = new Changes(world, scene.ctx, { initiator: { kind: 'drover' }, taskId: scene.task.id })
    if (done === 0) markIncident(changes, host.incidentId, 'fence started', `${next.name} restarts its agent`)
    return { ...order('fence.soft', next), memo: { soft: done }, events: [...events, ...changes.events] }
  }
  if (until === undefined || now >= until) return { flow: 'next', events, skipped: devices.length === 0 }
  const waiting = { code: 'agent_back', host: refOf(host) } as const
  return { flow: 'wait', waiting, untilAt: until, memo: { soft: done, softUntil: until }, events }
}

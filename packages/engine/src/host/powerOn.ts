import { type Host, mayHost, refOf, type TaskPlan, verdict, type World } from '@drover/model'
import type { Context } from '../context'
import { type Decision, refuse } from '../decision'
import { answered } from '../fence/answered'
import { levelsOf } from '../fence/devices'
import { type Started, startTask } from '../task/create'
import type { Flow, Scene } from '../task/flow'
import type { Ending } from '../task/step'
import { situation } from './fenceByHand'

/** What a machine gets to boot and its agent to report. */
const bootMs = 10 * 60_000
const pollMs = 1_000

export function planPowerOn(world: World, host: Host): TaskPlan {
  const self = refOf(host)
  return {
    what: 'host.powerOn',
    vm: null,
    verdict: verdict(mayHost('powerOn', situation(world, host))),
    steps: [
      { name: 'power on', host: self },
      { name: 'wait for its agent', host: self },
    ],
    target: null,
    method: null,
    expectedMs: null,
  }
}

/** Switches a host on that is proven off. Value: the task that does it. */
export function decidePowerOn(
  world: World,
  { hostId, reason }: { hostId: string; reason?: string | null },
  ctx: Context,
): Decision<Started> {
  const host = world.tables.host.get(hostId)
  if (!host) return refuse([{ code: 'not_found', noun: 'host', id: hostId }])
  return startTask(world, ctx, planPowerOn(world, host), () => ({
    kind: 'host.powerOn' as const,
    params: {},
    vm: null,
    host: refOf(host),
    name: host.name,
    clusterId: host.clusterId,
    hostIds: [host.id],
    reason: reason ?? null,
  }))
}

/** All devices of a level, level after level until one does it; then the agent's own report. */
export function powerOnStep(scene: Scene<'host.powerOn'>): Flow {
  const { world, task, said, now, step } = scene
  const host = world.tables.host.get(task.host!.id)
  if (!host) return failed(scene, 'it was removed from Drover')
  if (host.state === 'connected') return { flow: 'next' }
  if (task.state === 'cancelling' && !said)
    return {
      flow: 'finish',
      state: 'cancelled',
      outcome: { code: 'not_fenced', host: refOf(host), cause: 'it was cancelled' },
    }
  if (step === 'wait for its agent') {
    const until = (task.startedAt ?? now) + bootMs
    if (now >= until)
      return failed(scene, 'it has power, but its agent has not reported. Look at its console')
    return { flow: 'wait', waiting: { code: 'agent_back', host: refOf(host) }, untilAt: now + pollMs }
  }
  const levels = levelsOf(world, host.id)
  const level = Number(task.memo.level ?? 0)
  const at = Number(task.memo.at ?? 0)
  const events = said ? answered(scene, host) : []
  if (said?.result.ok) {
    const next = levels[level]?.[at + 1]
    return next ? { ...on(next.id), memo: { at: at + 1 }, events } : { flow: 'next', events }
  }
  if (said) {
    const next = levels[level + 1]?.[0]
    if (!next) return { ...failed(scene, said.result.ok ? '' : said.result.message), events }
    return { ...on(next.id), memo: { level: level + 1, at: 0 }, events }
  }
  const device = levels[level]?.[at]
  return device ? on(device.id) : failed(scene, 'it has no fence device that is in use')
}

export function powerOnOutcome({ task, now, world }: Scene<'host.powerOn'>): Ending {
  const host = task.host!
  const name = world.tables.host.get(host.id)?.name ?? host.name
  const totalMs = now - (task.startedAt ?? now)
  return { state: 'succeeded', outcome: { code: 'powered_on', host: { ...host, name }, totalMs } }
}

function on(deviceId: `fence-${number}`): Flow & { flow: 'fence' } {
  return { flow: 'fence', order: { kind: 'fence.on', deviceId } }
}

function failed({ task }: Scene<'host.powerOn'>, cause: string): Flow & { flow: 'finish' } {
  return {
    flow: 'finish',
    state: 'failed',
    outcome: { code: 'refused', sentence: `${task.host!.name} was not switched on: ${cause}` },
  }
}

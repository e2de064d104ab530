import { type Host, mayHost, refOf, type TaskPlan, verdict, type World } from '@drover/model'
import type { Context } from '../context'
import { type Decision, refuse } from '../decision'
import { type Started, startTask } from '../task/create'
import type { Flow, Scene } from '../task/flow'
import type { Ending } from '../task/step'
import { situation } from './fenceByHand'
import { awaitProof, switchOn } from './wake/on'

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

/** Its devices switch it on; then the agent's own report. That it came up is kept: from then on it may sleep. */
export function powerOnStep(scene: Scene<'host.powerOn'>): Flow {
  const { world, task, said, step } = scene
  const host = world.tables.host.get(task.host!.id)
  if (!host) return failed(scene, 'it was removed from Drover')
  if (task.state === 'cancelling' && !said && host.state !== 'connected')
    return { ...failed(scene, 'it was cancelled'), state: 'cancelled' }
  const fail = (cause: string, events: Flow['events'] = []) => ({ ...failed(scene, cause), events })
  return step === 'wait for its agent' ? awaitProof(scene, host, fail) : switchOn(scene, host, fail)
}

export function powerOnOutcome({ task, now, world }: Scene<'host.powerOn'>): Ending {
  const host = task.host!
  const name = world.tables.host.get(host.id)?.name ?? host.name
  const totalMs = now - (task.startedAt ?? now)
  return { state: 'succeeded', outcome: { code: 'powered_on', host: { ...host, name }, totalMs } }
}

function failed({ task }: Scene<'host.powerOn'>, cause: string): Flow & { flow: 'finish' } {
  return {
    flow: 'finish',
    state: 'failed',
    outcome: { code: 'refused', sentence: `${task.host!.name} was not switched on: ${cause}` },
  }
}

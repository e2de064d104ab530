import { type Host, type Refusal, refOf, type World } from '@drover/model'
import type { Context } from '../context'
import { accept, type Decision, refuse } from '../decision'
import { taskRef } from '../task/create'
import { tasksOn } from '../world/find'
import { decideEvacuate, type EvacuateInput, type EvacuationStarted, hostPlan } from './evacuate'
import { planEvacuation } from './evacuate/plan'

/** Open tasks that occupy the host. */
export function checkIdle(world: World, host: Host): Refusal[] {
  const tasks = tasksOn(world, host.id).map(taskRef)
  const silent = host.state !== 'connected'
  return tasks.length > 0 ? [{ code: 'host_busy', host: refOf(host), tasks, silent }] : []
}

/** Takes a host out of service: no new VMs, then empty, then in maintenance. In maintenance already is no error. */
export function decideEnterMaintenance(
  world: World,
  input: Omit<EvacuateInput, 'then'>,
  ctx: Context,
): Decision<EvacuationStarted> {
  const host = world.tables.host.get(input.hostId)
  if (!host) return refuse([{ code: 'not_found', noun: 'host', id: input.hostId }])
  const then = 'maintenance'
  if (host.mode !== then) return decideEvacuate(world, { ...input, then }, ctx)
  const evacuation = planEvacuation(world, host.id, ctx.now)
  return accept([], { taskId: null, plan: hostPlan('host.evacuate', host, [], [], 0), evacuation })
}

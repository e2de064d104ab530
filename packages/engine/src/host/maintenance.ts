import { type Host, type HostMode, isActive, type Refusal, refOf, type World } from '@drover/model'
import type { Context } from '../context'
import { accept, type Decision, refuse } from '../decision'
import { taskRef } from '../task/create'
import { tasksOn, vmsOn } from '../world/find'
import { put } from '../world/rows'

/** Every reason against taking a host out of service: what runs there, and what is being done there. */
export function checkMaintenance(world: World, host: Host): Refusal[] {
  const refusals: Refusal[] = []
  const active = vmsOn(world, host.id).filter(isActive)
  if (active.length > 0) refusals.push({ code: 'host_not_empty', host: refOf(host), vms: active.map(refOf) })
  return [...refusals, ...checkIdle(world, host)]
}

/** Open tasks that occupy the host. */
export function checkIdle(world: World, host: Host): Refusal[] {
  const tasks = tasksOn(world, host.id).map(taskRef)
  const silent = host.state !== 'connected'
  return tasks.length > 0 ? [{ code: 'host_busy', host: refOf(host), tasks, silent }] : []
}

/** Nothing new is placed on the host from now on. */
export function decideEnterMaintenance(
  world: World,
  { hostId, reason }: { hostId: string; reason?: string | null },
  ctx: Context,
): Decision {
  const host = world.tables.host.get(hostId)
  if (!host) return refuse([{ code: 'not_found', noun: 'host', id: hostId }])
  if (host.mode === 'maintenance') return accept([], null)
  const refusals = checkMaintenance(world, host)
  return refusals.length > 0 ? refuse(refusals) : modeChanged(host, 'maintenance', reason ?? null, ctx)
}

export function decideExitMaintenance(world: World, { hostId }: { hostId: string }, ctx: Context): Decision {
  const host = world.tables.host.get(hostId)
  if (!host) return refuse([{ code: 'not_found', noun: 'host', id: hostId }])
  return host.mode === 'normal' ? accept([], null) : modeChanged(host, 'normal', null, ctx)
}

function modeChanged(host: Host, mode: HostMode, reason: string | null, ctx: Context): Decision {
  const row: Host = { ...host, mode, modeReason: reason }
  const body = { kind: 'host.mode', host: refOf(host), mode } as const
  return accept([{ body, initiator: ctx.initiator, rows: [put('host', row)] }], null)
}

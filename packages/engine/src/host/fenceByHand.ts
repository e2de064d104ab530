import {
  type Host,
  type HostId,
  isActive,
  mayHost,
  type Ref,
  type Refusal,
  refOf,
  type TaskPlan,
  type VmId,
  verdict,
  type World,
} from '@drover/model'
import type { Context } from '../context'
import { accept, type Decision, refuse } from '../decision'
import { levelsOf } from '../fence/devices'
import { lookAt } from '../ha/evidence'
import { becomeFenced } from '../ha/lost'
import { markIncident, openIncident } from '../incident/rows'
import { ghostsOn } from '../recover/unclean'
import type { Started } from '../task/create'
import { Changes } from '../world/changes'
import { tasksOn, vmsOn } from '../world/find'
import { put } from '../world/rows'
import { fenceSteps, startFence } from './fence'

export interface FencePlan {
  host: Ref<HostId>
  plan: TaskPlan
  /** The VMs that run there now, and die with it. */
  vms: Ref<VmId>[]
  /** Its devices in the order in which they are tried; those in one list are needed together. */
  levels: string[][]
}

/** Every reason against fencing a host by hand. Neither a storm nor a disarmed cluster is one: a person may know better. */
export function checkFence(world: World, host: Host): Refusal[] {
  return mayHost('fence', situation(world, host))
}

/** What fencing a host by hand would do, and which VMs would die of it. */
export function planFence(world: World, host: Host): FencePlan {
  const steps = fenceSteps(world, host, { byHand: true, softOnly: false })
  const levels = levelsOf(world, host.id).map((level) => level.map(({ name }) => name))
  const plan: TaskPlan = { ...steps, verdict: verdict(checkFence(world, host)) }
  const vms = [...vmsOn(world, host.id).filter(isActive).map(refOf), ...ghostsOn(world, host)]
  return { host: refOf(host), plan, vms, levels }
}

/** Switches a host off because somebody says so, who has typed its name. */
export function decideFence(
  world: World,
  { hostId, confirmName, reason }: { hostId: string; confirmName: string; reason?: string | null },
  ctx: Context,
): Decision<Started> {
  const host = world.tables.host.get(hostId)
  if (!host) return refuse([{ code: 'not_found', noun: 'host', id: hostId }])
  const refusals = [...checkFence(world, host), ...checkName(host, confirmName)]
  if (refusals.length > 0) return refuse(refusals)
  const changes = new Changes(world, ctx)
  const title = `${host.name} is fenced by hand`
  const incidentId =
    host.incidentId ?? openIncident(changes, { kind: 'host', clusterId: host.clusterId, title, host }).id
  const decision = `Switch it off${reason ? `: ${reason}` : ''}.`
  markIncident(changes, incidentId, 'decided', decision, { decision })
  const { plan } = planFence(world, host)
  const wanted = { incidentId, byHand: true, softOnly: false, reason: reason ?? null }
  const taskId = startFence(changes, changes.get('host', host.id)!, wanted, plan)
  return accept(changes.events, { taskId, plan })
}

/** Every reason against taking a person's word that a host is off. */
export function checkConfirmOff(world: World, host: Host, now: number): Refusal[] {
  const refusals = mayHost('confirmOff', situation(world, host))
  if (refusals.length > 0) return refusals
  const heardAt = world.live.get(host.id)?.heardAt ?? host.stateSince
  const remedy = 'Look again: this must be certain, or its VMs run twice.'
  if (heardAt <= now && now - heardAt < 3_000)
    return [{ code: 'invalid', field: 'confirmation', problem: `${host.name} is heard now`, remedy }]
  if (heardAt > now) {
    const problem = `control has only just begun to listen, and ${host.name} may be about to speak`
    return [{ code: 'invalid', field: 'confirmation', problem, remedy: 'Look again in a few seconds.' }]
  }
  const look = lookAt(world, host, now)
  const sign = look.storage === 'fresh' ? 'storage' : look.peers === 'reach' ? 'peers' : null
  if (sign === null) return []
  const problem = `${host.name} is not off: ${look.evidence.find(({ side }) => side === sign)!.text}`
  return [{ code: 'invalid', field: 'confirmation', problem, remedy }]
}

/** A person vouches that a host is off: the proof for the case that nothing else can prove it. */
export function decideConfirmOff(
  world: World,
  { hostId, confirmName, person }: { hostId: string; confirmName: string; person: string },
  ctx: Context,
): Decision {
  const host = world.tables.host.get(hostId)
  if (!host) return refuse([{ code: 'not_found', noun: 'host', id: hostId }])
  const refusals = [...checkConfirmOff(world, host, ctx.now), ...checkName(host, confirmName)]
  if (refusals.length > 0) return refuse(refusals)
  const changes = new Changes(world, ctx)
  changes.say({ kind: 'host.confirmed_off', host: refOf(host), person })
  const text = `${person} confirmed that ${host.name} is off`
  becomeFenced(changes, host.id, { by: 'person', at: ctx.now, text, person })
  return accept(changes.events, null)
}

/** Takes a host out of quarantine before its time. */
export function decideEndQuarantine(world: World, { hostId }: { hostId: string }, ctx: Context): Decision {
  const host = world.tables.host.get(hostId)
  if (!host) return refuse([{ code: 'not_found', noun: 'host', id: hostId }])
  if (host.quarantinedUntil === null) return accept([], null)
  const row: Host = { ...host, quarantinedUntil: null, lostAt: [] }
  const body = {
    kind: 'host.quarantined',
    host: refOf(host),
    until: null,
    times: host.lostAt.length,
  } as const
  return accept([{ body, initiator: ctx.initiator, rows: [put('host', row)] }], null)
}

export function checkName(host: Host, confirmName: string): Refusal[] {
  return confirmName === host.name ? [] : [{ code: 'confirm_name', noun: 'host', name: host.name }]
}

export function situation(world: World, host: Host): Parameters<typeof mayHost>[1] {
  const fences = levelsOf(world, host.id as HostId).flat().length
  return { host, tasks: tasksOn(world, host.id), fences }
}

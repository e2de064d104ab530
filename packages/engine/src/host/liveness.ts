import {
  type ChangeEvent,
  enter,
  type Host,
  type HostId,
  type HostState,
  hostStates,
  refOf,
  type Task,
  type World,
} from '@drover/model'
import type { Context } from '../context'
import { accept, type Decision } from '../decision'
import { countLoss, quarantineIfFlapping } from '../ha/flap'
import { becomeFenced, wakeFenceTasks } from '../ha/lost'
import { closeIncident, isUnsettled, markIncident } from '../incident/rows'
import { Changes } from '../world/changes'
import { hostsOf, tasksOn } from '../world/find'
import { put } from '../world/rows'
import { withoutGoodbye } from './goodbye'
import { awoken } from './standby'

/** What a host that was just enrolled, or has just come back, gets for its first report. */
export const firstReportMs = 30_000

/**
 * Hosts whose silence has lasted too long, by control's clock at arrival. A suspicion, never a proof: nothing is
 * concluded from it but that nothing is known.
 */
export function silentHosts(world: World, now: number): Host[] {
  return [...world.tables.host.values()].filter((host) => {
    if (host.state !== 'connected' && host.state !== 'connecting') return false
    const heardAt = world.live.get(host.id)?.heardAt ?? host.stateSince
    const suspectMs = world.tables.cluster.get(host.clusterId)?.ha.suspectMs ?? 3_000
    return now - heardAt > (host.state === 'connecting' ? firstReportMs : suspectMs)
  })
}

/** The open task that makes sure of a host. */
export function fenceTaskOf(world: World, hostId: HostId): Task<'host.fence'> | undefined {
  return tasksOn(world, hostId).find(({ kind }) => kind === 'host.fence') as Task<'host.fence'> | undefined
}

/**
 * Whether a host that is being fenced and is heard of may simply come back: as long as nobody has told a device to
 * switch it off, or once all devices have failed at that. In between it is carried through: it may die at any moment.
 */
function mayComeBack(world: World, host: Host): boolean {
  if (host.state !== 'fencing') return true
  const task = fenceTaskOf(world, host.id)
  if (!task) return true
  return !task.params.byHand && (task.memo.offAt === undefined || task.memo.failed === true)
}

/** A silent host that is heard again. What it runs was reported before, and changes since then come as always. */
export function decideHeard(world: World, { hostId }: { hostId: HostId }, ctx: Context): Decision {
  const changes = new Changes(world, ctx)
  heard(changes, hostId, 'its agent is heard again')
  return accept(changes.events, null)
}

/** The state of a host whose agent speaks and whose VMs are known. */
export function heard(changes: Changes, hostId: HostId, why: string): void {
  const host = changes.get('host', hostId)
  if (!host || host.state === 'connected') return
  if (!mayComeBack(changes.world, host)) return
  if (host.state === 'fenced') enterState(changes, host, 'connecting', why)
  const back = awoken(changes, hostId)
  enterState(
    changes,
    host.state === 'connecting' ? host : host.mode === 'standby' ? back : counted(changes, back, host.state),
    'connected',
    why,
  )
  wakeFenceTasks(changes, hostId)
  quarantineIfFlapping(changes, hostId)
  if (host.facts === null) return
  markIncident(changes, host.incidentId, 'back', `${host.name} reports again`)
  const incident = changes.get('incident', host.incidentId)
  if (incident && !isUnsettled(incident)) settle(changes, hostId)
}

/** Closes the incident of a host that is back and has nothing left to restart. */
export function settle(changes: Changes, hostId: HostId): void {
  const host = changes.get('host', hostId)
  if (!host?.incidentId) return
  closeIncident(changes, host.incidentId, `${host.name} is back in service`)
  const row = changes.get('host', hostId)!
  changes.say({ kind: 'host.facts', host: refOf(row), fields: ['incident'] }, [
    put('host', { ...row, incidentId: null }),
  ])
}

/** A task for whose sake its host falls silent: a shutdown, or a sleep once the host has been told to go. */
export function leavesOnPurpose({ kind, memo }: Pick<Task, 'kind' | 'memo'>): boolean {
  return kind === 'host.shutdown' || (kind === 'host.sleep' && memo.bootId !== undefined)
}

/** A loss counts when it was the host's own: not on purpose, not its agent's alone, and not together with others. */
function counted(changes: Changes, host: Host, from: HostState): Host {
  const { world } = changes
  if (host.mode === 'maintenance' || host.mode === 'standby' || from === 'unwatched') return host
  if (tasksOn(world, host.id).some((task) => leavesOnPurpose(task))) return host
  const cluster = world.tables.cluster.get(host.clusterId)
  const others = cluster ? hostsOf(world, cluster).filter((other) => other.id !== host.id) : []
  if (from === 'suspect' && others.some(({ state }) => state !== 'connected' && state !== 'fenced'))
    return host
  return countLoss(host, changes.now)
}

/**
 * An agent that says hello, before it has reported: another boot than the last one proves that nothing of before still
 * runs there, and a fenced host is back.
 */
export function decideHello(
  world: World,
  { hostId, bootId, address }: { hostId: HostId; bootId: string; address: string },
  ctx: Context,
): Decision {
  const changes = new Changes(world, ctx)
  const host = world.tables.host.get(hostId)
  if (!host) return accept([], null)
  if (host.address !== address)
    changes.say({ kind: 'host.facts', host: refOf(host), fields: ['address'] }, [
      put('host', { ...host, address }),
    ])
  booted(changes, hostId, bootId)
  speaksAgain(changes, hostId)
  const now = changes.get('host', hostId)!
  if (now.state === 'fenced') {
    enterState(changes, counted(changes, now, 'fenced'), 'connecting', 'its agent says hello')
    quarantineIfFlapping(changes, hostId)
    awoken(changes, hostId)
  }
  return accept(changes.events, null)
}

/** Whether a hello says anything that has to be written down. */
export function isNewHello(host: Host, { bootId, address }: { bootId: string; address: string }): boolean {
  const rebooted = host.facts !== null && host.facts.bootId !== bootId
  return host.state === 'fenced' || rebooted || host.address !== address || host.facts?.goodbye !== undefined
}

/** The goodbye of its last agent is over. */
function speaksAgain(changes: Changes, hostId: HostId): void {
  const host = changes.get('host', hostId)
  if (!host?.facts?.goodbye) return
  changes.say({ kind: 'host.facts', host: refOf(host), fields: ['goodbye'] }, [
    put('host', { ...host, facts: withoutGoodbye(host.facts) }),
  ])
}

/** Takes note of the boot that a host is in: a new one is proof of death of the last one. */
export function booted(changes: Changes, hostId: HostId, bootId: string): void {
  const host = changes.get('host', hostId)
  if (!host?.facts || host.facts.bootId === bootId) return
  const facts = { ...host.facts, bootId }
  changes.say({ kind: 'host.facts', host: refOf(host), fields: ['bootId'] }, [
    put('host', { ...host, facts }),
  ])
  const text = `${host.name} has booted anew: what it ran before is gone`
  becomeFenced(changes, hostId, { by: 'reboot', at: changes.now, text, person: null })
}

function enterState(changes: Changes, host: Host, to: HostState, why: string): void {
  const changed = stateChanged(host, to, why, changes.now)
  if (changed) changes.add([changed.event])
}

/** The event of a host's new state, and the row after it; null when it is in that state already. */
export function stateChanged(
  host: Host,
  to: HostState,
  why: string,
  now: number,
): { event: ChangeEvent; host: Host } | null {
  if (host.state === to) return null
  const state = enter('host', hostStates, host.state, to)
  const row: Host = { ...host, state, stateSince: now, proof: to === 'fenced' ? host.proof : null }
  const body = { kind: 'host.state', host: refOf(host), from: host.state, to, why } as const
  return { event: { body, initiator: { kind: 'drover' }, rows: [put('host', row)] }, host: row }
}

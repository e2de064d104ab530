import {
  type Cluster,
  type Finding,
  type Host,
  type IncidentId,
  isActive,
  refOf,
  sayDuration,
  sayRefusal,
  type World,
} from '@drover/model'
import { stoppedAlone } from '@drover/protocol'
import type { Context } from '../context'
import { accept, type Decision } from '../decision'
import { levelsOf, saysOffAlways, softDevicesOf } from '../fence/devices'
import { answerForFenced } from '../fence/unreachable'
import { startFence } from '../host/fence'
import { isMoving } from '../host/judge'
import { fenceTaskOf, leavesOnPurpose, settle, silentHosts, stateChanged } from '../host/liveness'
import { closeIncident, isUnsettled, markIncident, openIncident } from '../incident/rows'
import { isAbsent } from '../recover/source'
import { powerChanged } from '../vm/rows'
import { Changes } from '../world/changes'
import { taskOf, tasksOn, vmsOn } from '../world/find'
import { type Around, agentIsDown, aroundAt, type Look, lookAt, selfFenceAt, silentMs } from './evidence'
import { endQuarantine } from './flap'
import { noteUnwatched } from './goodbye'
import { lifeSince } from './life'
import { becomeFenced } from './lost'
import { calmUntil, isUnproven, stormAround, stormOf, stormRefusal } from './storm'

/** Whether `decideHa` may have something to do: cheap, for every tick of the clock. */
export function haIsDue(world: World, now: number): boolean {
  if (world.index.openIncidents.size > 0) return true
  for (const host of world.tables.host.values()) {
    if (isUnproven(host)) return true
    if (host.quarantinedUntil !== null && host.quarantinedUntil <= now) return true
    if (host.state === 'fenced' && world.index.openTasksByHost.has(host.id)) return true
  }
  return silentHosts(world, now).length > 0
}

/**
 * Everything that follows from what is known of the hosts now: who is suspect, isolated or proven dead, who has to be made
 * sure of, and what the incidents say of it. Level-triggered: it looks at rows and evidence, never at what it did before.
 */
export function decideHa(world: World, ctx: Context): Decision {
  const changes = new Changes(world, ctx)
  let seen: Around | undefined
  const around = () => {
    seen ??= aroundAt(world, ctx.now)
    return seen
  }
  for (const host of silentHosts(world, ctx.now)) suspect(changes, host, around())
  for (const cluster of world.tables.cluster.values()) noteStorm(changes, cluster)
  for (const host of world.tables.host.values()) {
    const cluster = world.tables.cluster.get(host.clusterId)
    if (!cluster) continue
    if (host.quarantinedUntil !== null && host.quarantinedUntil <= ctx.now) endQuarantine(changes, host)
    if (host.state === 'fenced') answerForFenced(changes, host)
    else if (isUnproven(host) && cluster.ha.mode !== 'handsOff') judgeHost(changes, host, cluster, around())
  }
  for (const id of world.index.openIncidents) settleIncident(changes, id)
  return accept(changes.events, null)
}

/** Whether a host's silence is anybody's business: not where nothing runs, and not where it was asked for. */
function isWatched(world: World, host: Host, { ha }: Cluster): boolean {
  if (ha.mode === 'handsOff' || host.facts === null || host.mode === 'maintenance') return false
  return !tasksOn(world, host.id).some((task) => leavesOnPurpose(task))
}

function suspect(changes: Changes, host: Host, around: Around): void {
  const { world, now } = changes
  const look = lookAt(world, host, now, around)
  if (look.row.finding === 'unwatched') {
    unwatch(changes, host, look)
    return
  }
  const heardAt = world.live.get(host.id)?.heardAt ?? host.stateSince
  const why = `its agent has been silent for ${sayDuration(now - heardAt)}`
  const changed = stateChanged(host, 'suspect', why, now)
  if (!changed) return
  changes.add([changed.event])
  const cluster = world.tables.cluster.get(host.clusterId)
  if (!cluster || !isWatched(world, host, cluster)) return
  tellOf(changes, host, heardAt, why)
}

/** A host whose agent was stopped in an orderly way: nobody is suspected, and no incident is opened for it. */
function unwatch(changes: Changes, { id }: Host, look: Look): void {
  noteUnwatched(changes, changes.get('host', id)!, look)
  const host = changes.get('host', id)!
  const why = `its agent was stopped by ${look.goodbye!.why}`
  const changed = stateChanged(host, 'unwatched', why, changes.now)
  if (changed) changes.add([changed.event])
  decided(changes, host, look, `Leave its VMs alone. ${look.row.why}`)
}

/** The incident of a host that fell silent: the open one, or a new one. */
function tellOf(changes: Changes, { id }: Host, heardAt: number, why: string): void {
  const host = changes.get('host', id)!
  const title = `${host.name} is silent`
  if (!host.incidentId) openIncident(changes, { kind: 'host', clusterId: host.clusterId, title, host })
  const { incidentId } = changes.get('host', id)!
  markIncident(changes, incidentId, 'last heard', 'the last heartbeat of its agent', {}, heardAt)
  markIncident(changes, incidentId, 'suspect', why)
}

/** One silent host: what the evidence comes to, and what follows. */
function judgeHost(changes: Changes, host: Host, cluster: Cluster, around: Around): void {
  const { world, now } = changes
  const silent = silentMs(world, host, now)
  if (silent < cluster.ha.suspectMs) return
  const look = lookAt(world, host, now, around)
  noteSaidOff(changes, host, look)
  if (look.row.follows === 'proof' && host.state !== 'fencing') {
    if (doubtOf(world, host, cluster, look, now) === null) {
      provenOff(changes, host, cluster, look)
      return
    }
    if (host.state === 'unwatched') return
  }
  if (look.row.finding === 'unwatched' && host.state !== 'fencing') {
    unwatch(changes, host, look)
    return
  }
  if (host.state === 'unwatched') {
    doubt(changes, host, cluster)
    return
  }
  if (agentIsDown(look)) noteAgentDown(changes, host, look)
  const selfFenced = selfFenceAt(world, host, now, look)
  if (selfFenced !== null && now >= selfFenced) {
    selfFencedNow(changes, host, look, selfFenced)
    return
  }
  if (!isWatched(world, host, cluster)) return
  if (host.state === 'isolated') noteStopped(changes, host)
  if (host.state === 'fencing') {
    if (fenceTaskOf(world, host.id)) return
    const changed = stateChanged(host, 'suspect', 'nobody makes sure of it any more', now)
    if (changed) changes.add([changed.event])
    return
  }
  // What speaks for life has to be old enough as well: an isolated host is judged by its last sign of life.
  const isolated = host.state === 'isolated'
  const since = isolated ? Math.max(look.signAt ?? 0, host.stateSince) : now - silent
  const patienceMs = isolated ? cluster.ha.decideMs - cluster.ha.suspectMs : cluster.ha.decideMs
  const settled = look.row.follows === 'leave' || now - since >= patienceMs
  if (silent < cluster.ha.decideMs || !settled) return
  if (!host.incidentId) {
    const heardAt = world.live.get(host.id)?.heardAt ?? host.stateSince
    tellOf(changes, host, heardAt, `its agent has been silent for ${sayDuration(silent)}`)
  }
  decide(changes, host, cluster, look)
}

/**
 * What speaks against taking its device's word; null: nothing does. A device may be wrong. It is when somebody has seen the
 * host alive since it began to say "off"; and as long as nobody has had the time to look, its word stands alone.
 */
function doubtOf(world: World, host: Host, { ha }: Cluster, look: Look, now: number): string | null {
  const power = world.live.get(host.id)?.power
  const since = power?.offSince ?? power?.askedAt ?? now
  const alive = lifeSince(world, host, look, since, now)
  if (alive !== null) return `but since then ${alive}`
  const levels = levelsOf(world, host.id)
  const always = levels.every((level) => level.some((one) => saysOffAlways(world, one)))
  if (always && levels.length > 0) return 'and said the same while the host was heard'
  const alone = look.storage === 'unknown' && look.peers === 'unknown'
  return alone && silentMs(world, host, now) < ha.decideMs ? 'and nobody else has looked yet' : null
}

/** Its device is not believed, and nothing else says anything of it. */
function mistrust(changes: Changes, host: Host, cluster: Cluster, look: Look): void {
  const doubt = doubtOf(changes.world, host, cluster, look, changes.now)
  const text = `Nothing yet. Its fence device says that it is off, ${doubt}.`
  decided(changes, host, look, `${text} Confirm that it is off once you have seen it.`)
}

/**
 * When a device first said so, whatever comes of it. Not before somebody was there to hear it, and not of a host that is lost once
 * more while the story of its first death still goes on.
 */
function noteSaidOff(changes: Changes, { id }: Host, { power }: Look): void {
  const incident = power === 'off' ? changes.get('incident', changes.get('host', id)?.incidentId) : undefined
  const said = changes.world.live.get(id)?.power
  if (incident && said && incident.proof === null)
    markIncident(changes, incident.id, 'said off', said.text, {}, Math.max(said.at, incident.openedAt))
}

/** What is seen of a host whose agent was stopped is more than a stopped agent: it is judged like any that is silent. */
function doubt(changes: Changes, host: Host, cluster: Cluster): void {
  const why = 'its agent was stopped, but that alone does not explain what is seen of it'
  const changed = stateChanged(host, 'suspect', why, changes.now)
  if (changed) changes.add([changed.event])
  if (!isWatched(changes.world, host, cluster)) return
  tellOf(changes, host, changes.world.live.get(host.id)?.heardAt ?? host.stateSince, why)
}

/** Written down, for who decides later has not seen it: this host's own deadline proves nothing any more. */
function noteAgentDown(changes: Changes, host: Host, look: Look): void {
  const { incidentId } = changes.get('host', host.id)!
  const text = look.evidence.find(({ side }) => side === 'peers')!.text
  markIncident(changes, incidentId, 'agent down', `${text}, but its agent is silent everywhere`)
}

function decide(changes: Changes, host: Host, cluster: Cluster, look: Look): void {
  const { row } = look
  if (row.follows === 'leave') {
    isolate(changes, host, look)
    if (cluster.ha.isolatedHost === 'fence') {
      fence(changes, host, cluster, look)
      return
    }
    decided(changes, host, look, `Leave its VMs alone. ${row.why}`)
    if (cluster.ha.mode === 'armed') softFence(changes, host)
  } else if (row.follows === 'fence') fence(changes, host, cluster, look)
  else if (row.follows === 'proof') mistrust(changes, host, cluster, look)
  else if (row.follows === 'wait')
    decided(changes, host, look, `Nothing yet. ${row.why} Confirm that it is off once you have seen it.`)
}

function isolate(changes: Changes, host: Host, look: Look): void {
  if (host.state === 'isolated') return
  const changed = stateChanged(changes.get('host', host.id)!, 'isolated', lower(look.row.why), changes.now)
  if (changed) changes.add([changed.event])
}

/** Where it is set up, a host whose VMs run has its agent restarted, once an incident. */
function softFence(changes: Changes, { id }: Host): void {
  const host = changes.get('host', id)!
  const incident = changes.get('incident', host.incidentId)
  const tried = incident?.marks.some(({ mark }) => mark === 'fence started') ?? true
  if (tried || fenceTaskOf(changes.world, id) || softDevicesOf(changes.world, id).length === 0) return
  startFence(changes, host, { incidentId: incident!.id, byHand: false, softOnly: true, reason: null })
}

/** Has the host made sure of, unless something speaks against doing that by itself. */
function fence(changes: Changes, { id }: Host, cluster: Cluster, look: Look): void {
  const { world } = changes
  const host = changes.get('host', id)!
  if (fenceTaskOf(world, id)) return
  const against = againstFencing(changes, host, cluster)
  if (against !== null) {
    decided(changes, host, look, `Nothing yet. ${look.row.why} ${against}`)
    return
  }
  decided(changes, host, look, `Make sure of it. ${look.row.why}`)
  const { incidentId } = changes.get('host', id)!
  startFence(changes, changes.get('host', id)!, { incidentId, byHand: false, softOnly: false, reason: null })
}

/** Why nobody is fenced without being asked to; null: nothing speaks against it. */
export function againstFencing(changes: Changes, host: Host, cluster: Cluster): string | null {
  const { world } = changes
  const { mode, modeReason } = cluster.ha
  if (mode !== 'armed')
    return sayRefusal({ code: 'ha_disarmed', cluster: refOf(cluster), mode, by: modeReason })
  if (world.self.referencesLostAt.has(cluster.id))
    return 'Control reaches none of its own reference addresses, so it is control that is cut off. Check its network.'
  const storm = stormAround(world, host, changes.now)
  if (storm) return sayRefusal(stormRefusal(cluster, storm))
  // Also a storm that has ended in this very breath.
  const incidents = [...world.tables.incident.keys()].flatMap((id) => changes.get('incident', id) ?? [])
  return calmUntil(world, host, incidents, changes.now) === null
    ? null
    : 'It fell silent together with many that are back by now, so it gets a while to come back as well.'
}

const titles: Record<Finding, (name: string) => string> = {
  alive: (name) => `${name} was silent`,
  unwatched: (name) => `the agent of ${name} was stopped`,
  isolated: (name) => `${name} is cut off from control`,
  hung: (name) => `${name} hangs or is cut off`,
  off: (name) => `${name} is off`,
  unproven: (name) => `${name} was lost`,
}

/** Writes down what was found and decided, when it is not what was decided last. */
function decided(changes: Changes, host: Host, look: Look, decision: string): void {
  const incident = changes.get('incident', changes.get('host', host.id)?.incidentId)
  if (!incident || incident.decision === decision) return
  const { finding } = look.row
  const set = { finding, evidence: look.evidence, decision, title: titles[finding](host.name) }
  markIncident(changes, incident.id, 'decided', decision, set)
}

function provenOff(changes: Changes, host: Host, cluster: Cluster, look: Look): void {
  const power = changes.world.live.get(host.id)!.power!
  if (host.state === 'unwatched') doubt(changes, host, cluster)
  noteSaidOff(changes, host, look)
  decided(changes, host, look, 'It is off: restart its VMs.')
  becomeFenced(changes, host.id, { by: 'device', at: power.askedAt, text: power.text, person: null })
}

function selfFencedNow(changes: Changes, host: Host, look: Look, at: number): void {
  const text = `${host.name} has reached neither control nor a datastore for so long that it has stopped its VMs itself`
  decided(changes, host, look, 'Its own deadline has passed: restart its VMs.')
  becomeFenced(changes, host.id, { by: 'self_fence', at, text, person: null })
}

/** A host that is cut off says on its datastores what it still runs: what it has stopped there is stopped. */
function noteStopped(changes: Changes, host: Host): void {
  const { world, now } = changes
  const cause = { initiator: { kind: 'drover' }, taskId: null, outside: false } as const
  for (const vm of vmsOn(world, host.id)) {
    // One that is being moved may just have arrived elsewhere: its own steps find out.
    if (!isActive(vm) || isMoving(taskOf(world, vm.id))) continue
    if (isAbsent(world, vm, host, now))
      changes.add(powerChanged(vm, host, 'off', stoppedAlone.isolation, cause, now))
  }
}

/** A storm has an incident of its own, from when it is seen until it is over. */
function noteStorm(changes: Changes, cluster: Cluster): void {
  const { world } = changes
  const open = [...world.index.openIncidents]
    .map((id) => world.tables.incident.get(id)!)
    .find((incident) => incident.kind === 'storm' && incident.clusterId === cluster.id)
  const storm = cluster.ha.mode === 'handsOff' ? null : stormOf(world, cluster)
  if (!storm) {
    if (open) closeIncident(changes, open.id, 'no more hosts are silent at once than may be')
    return
  }
  const decision = sayRefusal(stormRefusal(cluster, storm))
  if (open) {
    if (open.decision !== decision) markIncident(changes, open.id, 'decided', decision, { decision })
    return
  }
  const title = `${storm.silent.length} of ${storm.of} hosts of ${cluster.name} fell silent at once`
  const { id } = openIncident(changes, { kind: 'storm', clusterId: cluster.id, title })
  markIncident(changes, id, 'decided', decision, { decision })
}

/** Closes what is over: the host is back or gone, and nothing waits for a restart. */
function settleIncident(changes: Changes, id: IncidentId): void {
  const incident = changes.get('incident', id)
  if (incident?.state !== 'open' || isUnsettled(incident)) return
  if (incident.kind === 'vm' && incident.vms.length > 0)
    closeIncident(changes, incident.id, 'nothing is left to restart')
  if (incident.kind !== 'host' || !incident.host) return
  const host = changes.get('host', incident.host.id)
  if (!host) closeIncident(changes, incident.id, `${incident.host.name} was removed`)
  else if (host.state === 'connected' && host.incidentId === incident.id) settle(changes, host.id)
  else if (host.incidentId !== incident.id) closeIncident(changes, incident.id, 'another one took its place')
}

function lower(sentence: string): string {
  const first = sentence.charAt(0).toLowerCase() + sentence.slice(1)
  return first.replace(/\.$/, '')
}

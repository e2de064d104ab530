import { type Beat, type HostId, type HostLive, newHostLive, type Sighting, type World } from '@drover/model'
import type { Domain, Heartbeat } from '@drover/protocol'

/** The host's entry among what is known and not durable; made when there is none. */
export function liveOf(world: World, hostId: HostId, now: number): HostLive {
  let live = world.live.get(hostId)
  if (!live) {
    live = newHostLive(now)
    world.live.set(hostId, live)
  }
  return live
}

/** A heartbeat: the whole of what it does, for 500 hosts a second. */
export function noteHeartbeat(live: HostLive, heartbeat: Heartbeat, now: number): void {
  live.heardAt = now
  // What its devices said in an earlier silence says nothing of the next, whatever becomes of the clock.
  live.power = null
  live.usage = heartbeat.usage
  live.vms = new Map(Object.entries(heartbeat.vms))
  noteStorage(live, heartbeat.storage, now)
  noteReaches(live, heartbeat.peers, now)
}

/** A beat keeps the time at which its number was first read; a datastore or a beat that is named no more is forgotten. */
function noteStorage(live: HostLive, storage: Heartbeat['storage'], now: number): void {
  const before = live.storage
  live.signs ??= new Map()
  const { signs } = live
  live.storage = new Map()
  for (const { uuid, ok, agoMs, beats } of storage) {
    const view = before.get(uuid)
    const readAt = now - agoMs
    const known = view?.beats
    const read = new Map<HostId, Beat>()
    for (const { hostId, bootId, n, alone, running, goodbye } of beats) {
      const was = known?.get(hostId as HostId)
      const same = was?.n === n && was.bootId === bootId
      const changedAt = same ? was.changedAt : readAt
      const unmoved = !was || (was.unmoved === true && same)
      read.set(hostId as HostId, {
        ...{ bootId, n, changedAt, alone, running },
        ...(unmoved ? { unmoved } : {}),
        ...(goodbye ? { goodbye } : {}),
      })
      // Seen for the first time, it may be an old one.
      if (was && !same) signs.set(hostId as HostId, Math.max(readAt, signs.get(hostId as HostId) ?? 0))
    }
    live.storage.set(uuid, { ok, at: now, readAt, lostAt: ok ? null : (view?.lostAt ?? now), beats: read })
  }
}

/** What it says of a peer is forgotten when it has not said it again for so long: it watches others by then. */
const reachKeptMs = 60_000

function noteReaches(live: HostLive, peers: Heartbeat['peers'], now: number): void {
  for (const { hostId, ok, agoMs } of peers) {
    const at = now - agoMs
    const okAt = ok ? at : live.reaches.get(hostId as HostId)?.okAt
    live.reaches.set(hostId as HostId, { ok, at, ...(okAt === undefined ? {} : { okAt }) })
  }
  for (const [hostId, { at }] of live.reaches) if (now - at > reachKeptMs) live.reaches.delete(hostId)
}

/**
 * After a standstill of control, or a jump of its clock: what it knows is from before, and its own fault. Silence is
 * counted afresh on every side of the evidence, and a host that is heard of no more by then (`graceMs`) is still not late.
 */
export function countAfresh(world: World, now: number, graceMs: number): void {
  for (const live of world.live.values()) {
    live.heardAt = Math.min(Math.max(live.heardAt, now), now + graceMs)
    live.power = null
    for (const view of live.storage.values()) {
      view.at = Math.min(view.at, now)
      view.readAt = Math.min(view.readAt, now)
      for (const beat of view.beats.values()) beat.changedAt = now
    }
    for (const reach of live.reaches.values()) {
      reach.at = Math.min(reach.at, now)
      if (reach.okAt !== undefined) reach.okAt = Math.min(reach.okAt, now)
    }
    for (const [id, at] of live.signs ?? []) live.signs!.set(id, Math.min(at, now))
  }
}

/**
 * What an agent says of its VMs, all of them (`full`) or those that changed. Answers the uuids that it saw before and
 * does not see any more.
 */
export function noteSightings(
  live: HostLive,
  domains: readonly Domain[],
  removed: readonly string[],
  full: boolean,
  now: number,
): string[] {
  live.heardAt = now
  const before = live.seen
  const seen = full ? new Map<string, Sighting>() : before
  for (const domain of domains) seen.set(domain.uuid, sighting(domain, before.get(domain.uuid), now))
  if (!full) {
    for (const uuid of removed) seen.delete(uuid)
    return [...removed]
  }
  live.reportedAt = now
  live.seen = seen
  return [...before.keys()].filter((uuid) => !seen.has(uuid))
}

function sighting({ state, reason, job }: Domain, before: Sighting | undefined, now: number): Sighting {
  const moving = job === 'migration-out' ? 'out' : job === 'migration-in' ? 'in' : null
  const sinceAt = before?.state === state ? before.sinceAt : now
  return { state, reason, moving, sinceAt, seenAt: now }
}

import { type HostId, type HostLive, newHostLive, type Sighting, type World } from '@drover/model'
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
  live.usage = heartbeat.usage
  live.vms = new Map(Object.entries(heartbeat.vms))
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

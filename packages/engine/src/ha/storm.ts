import {
  type Cluster,
  type Host,
  type HostId,
  type Incident,
  type Ref,
  type Refusal,
  refOf,
  type World,
} from '@drover/model'
import { leavesOnPurpose, silentHosts } from '../host/liveness'
import { hostsOf, tasksOn } from '../world/find'

/** Hosts that fell silent within this time of each other fell silent together. */
const togetherMs = 60_000

export interface Storm {
  silent: Ref<HostId>[]
  of: number
}

/** States in which a host cannot be heard and nothing proves that it is dead. */
export function isUnproven({ state }: Pick<Host, 'state'>): boolean {
  return state === 'suspect' || state === 'unwatched' || state === 'isolated' || state === 'fencing'
}

/**
 * The hosts that fell silent together with this one, if they are so many that the trouble is likely on control's side of
 * the wire: then nobody is switched off for it. Hosts that are proven dead are no part of it, whatever their number.
 * With `now`, those count as well whose silence is long enough and has not been written down yet, or that this leader
 * has never heard.
 */
export function stormAround(world: World, host: Host, now: number | null = null): Storm | null {
  const cluster = world.tables.cluster.get(host.clusterId)
  if (!cluster) return null
  const counted = countedHosts(world, cluster)
  const at = silentSince(world, host)
  const fresh = new Set(now === null ? [] : silentHosts(world, now))
  const silent = counted.filter((other) => {
    const live = world.live.get(other.id)
    const heardAt = live?.heardAt ?? other.stateSince
    // A new leader has not heard it yet: it may be as silent as this one.
    if (now !== null && other.state === 'connected' && (live?.reportedAt ?? null) === null) return true
    if (fresh.has(other)) return Math.abs(heardAt - at) <= togetherMs
    return isUnproven(other) && Math.abs(silentSince(world, other) - at) <= togetherMs
  })
  const { hosts, share } = cluster.ha.storm
  const tooMany = silent.length >= hosts && silent.length > share * counted.length
  return tooMany ? { silent: silent.map(refOf), of: counted.length } : null
}

/** The largest storm in a cluster now; null: there is none. */
export function stormOf(world: World, cluster: Cluster): Storm | null {
  let worst: Storm | null = null
  for (const host of countedHosts(world, cluster)) {
    const storm = isUnproven(host) ? stormAround(world, host) : null
    if (storm && storm.silent.length > (worst?.silent.length ?? 0)) worst = storm
  }
  return worst
}

export function stormRefusal(cluster: Cluster, storm: Storm): Refusal {
  return { code: 'storm', cluster: refOf(cluster), silent: storm.silent, of: storm.of }
}

/** It was told to go down, empty: its silence says nothing about anything else. */
function isFallingAsleep(world: World, host: Host): boolean {
  return tasksOn(world, host.id).some((task) => task.kind === 'host.sleep' && leavesOnPurpose(task))
}

/** Its agent was stopped in an orderly way: its silence is explained, and many at once are an update. */
function isStopped({ state, facts }: Host): boolean {
  return state === 'unwatched' || (state === 'connected' && facts?.goodbye?.goesDown === false)
}

/** Hosts that could be heard at all: not those that never reported, are known to be off, were put to sleep, or said goodbye. */
function countedHosts(world: World, cluster: Cluster): Host[] {
  return hostsOf(world, cluster).filter(
    (host) =>
      host.facts !== null && host.state !== 'fenced' && !isStopped(host) && !isFallingAsleep(world, host),
  )
}

/** After a storm its hosts find their way back one after the other: what is still silent gets so long. */
export const calmMs = 30_000

/**
 * Until when a host that fell silent in a storm that is over is left alone; null: it did not, or that is long ago.
 * `incidents`: those of its cluster as they will be.
 */
export function calmUntil(
  world: World,
  host: Host,
  incidents: Iterable<Incident>,
  now: number,
): number | null {
  let last: number | null = null
  for (const { kind, clusterId, closedAt } of incidents)
    if (kind === 'storm' && clusterId === host.clusterId && closedAt !== null)
      last = Math.max(last ?? closedAt, closedAt)
  if (last === null || silentSince(world, host) > last) return null
  return now < last + calmMs ? last + calmMs : null
}

/**
 * When it was heard last. Its incident says so for every leader; where a host is lost again before all is well, that is
 * its first loss, and what this leader has heard since counts.
 */
export function silentSince(world: World, host: Host): number {
  const incident = host.incidentId ? world.tables.incident.get(host.incidentId) : undefined
  const first = incident?.marks.find(({ mark }) => mark === 'last heard')?.at
  const since = Math.min(world.live.get(host.id)?.heardAt ?? host.stateSince, host.stateSince)
  return Math.max(first ?? since, since)
}

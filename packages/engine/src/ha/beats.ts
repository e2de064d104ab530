import type { Beat, Datastore, DatastoreId, Evidence, Host, HostId, World } from '@drover/model'
import { sayDuration, sayFew, sayList } from '@drover/model'
import { stillMs } from '@drover/protocol'
import type { StorageSays } from './classify'
import { type Witness, witnessMs } from './witnesses'

/** A heartbeat that somebody has read lately moved at most this long ago. */
const movesMs = 3_000

/** The newest heartbeat on one datastore, by all who read it there. */
interface Newest extends Pick<Beat, 'bootId' | 'n'> {
  /** Since when it is there: when the first of them read it. */
  movedAt: number
  /** Until when it was there: when the last of them read it. */
  readAt: number
}

/** One datastore as those see it who write to it themselves, and who says so. */
interface Place {
  name: string
  beat: Newest | null
  readers: string[]
}

export interface StorageSide {
  says: StorageSays
  beatAt: number | null
  /** Every shared datastore of the host has a witness, and on each its heartbeat stands still. */
  everywhere: boolean
  evidence: Evidence
}

/**
 * What a host's heartbeats on datastores say. One stands still when somebody has looked again and again, and always found
 * what was there before; that nobody has looked lately says nothing.
 */
export function storageSide(
  world: World,
  host: Host,
  witnesses: readonly Witness[],
  shared: Map<DatastoreId, Datastore>,
  now: number,
): StorageSide {
  const places: Place[] = []
  for (const { datastoreId } of host.datastores) {
    const datastore = shared.get(datastoreId)
    if (datastore) places.push(placeOf(datastore.name, datastore.uuid, host.id, witnesses, now))
  }
  for (const { uuid, name } of heldBesides(world, host, shared))
    places.push(placeOf(name, uuid, host.id, witnesses, now))
  places.push(...readBesides(world, host, witnesses, shared, now))
  const seen = places.flatMap(({ beat, ...place }) => (beat ? [{ ...place, beat }] : []))
  const beatAt = seen.length > 0 ? Math.max(...seen.map(({ beat }) => beat.movedAt)) : null
  const still = seen.every(({ beat }) => beat.readAt - beat.movedAt >= stillMs)
  const says: StorageSays = beatAt === null ? 'unknown' : still ? 'stale' : 'fresh'
  const everywhere = says === 'stale' && seen.length === places.length
  const text = sayStorage(says, places, seen, beatAt, now)
  const word = { fresh: 'alive', stale: 'dead', unknown: 'unknown' } as const
  return { says, beatAt, everywhere, evidence: { side: 'storage', says: word[says], text, at: now } }
}

/**
 * Datastores on which somebody reads a heartbeat of it that moves, although its own last report did not name them: it got
 * them back when it could not tell control any more.
 */
function readBesides(
  world: World,
  host: Host,
  witnesses: readonly Witness[],
  shared: Map<DatastoreId, Datastore>,
  now: number,
): Place[] {
  const known = new Set(host.datastores.flatMap(({ datastoreId }) => shared.get(datastoreId)?.uuid ?? []))
  const found = new Set<string>()
  for (const { live } of witnesses)
    for (const [uuid, { ok, at, beats }] of live.storage) {
      const beat = known.has(uuid) || !ok || now - at > witnessMs ? undefined : beats.get(host.id)
      if (beat && now - beat.changedAt <= movesMs) found.add(uuid)
    }
  const nameOf = (uuid: string) => [...world.tables.datastore.values()].find((row) => row.uuid === uuid)?.name
  return [...found].map((uuid) => placeOf(nameOf(uuid) ?? uuid, uuid, host.id, witnesses, now))
}

/** Datastores that renew the lease of its agent, which has not heard yet that nobody shares them any more. */
function heldBesides(world: World, host: Host, shared: Map<DatastoreId, Datastore>) {
  const known = new Set(host.datastores.flatMap(({ datastoreId }) => shared.get(datastoreId)?.uuid ?? []))
  const held = (host.facts?.selfFence?.lease?.datastores ?? []).filter((uuid) => !known.has(uuid))
  if (held.length === 0) return []
  const names = new Map([...world.tables.datastore.values()].map(({ uuid, name }) => [uuid, name]))
  return held.map((uuid) => ({ uuid, name: names.get(uuid) ?? uuid }))
}

function placeOf(
  name: string,
  uuid: string,
  hostId: HostId,
  witnesses: readonly Witness[],
  now: number,
): Place {
  const place: Place = { name, beat: null, readers: [] }
  for (const { host, live } of witnesses) {
    const view = live.storage.get(uuid)
    const beat = view?.ok && now - view.at <= witnessMs ? view.beats.get(hostId) : undefined
    if (!view || !beat) continue
    place.readers.push(host.name)
    place.beat = newest(place.beat, {
      ...{ bootId: beat.bootId, n: beat.n },
      ...{ movedAt: beat.changedAt, readAt: view.readAt },
    })
  }
  return place
}

/** The same heartbeat, read by two, is there since the first and until the last of them; else the later one. */
function newest(a: Newest | null, b: Newest): Newest {
  if (!a) return b
  if (a.bootId !== b.bootId) return b.movedAt > a.movedAt ? b : a
  if (a.n !== b.n) return b.n > a.n ? b : a
  return { ...a, movedAt: Math.min(a.movedAt, b.movedAt), readAt: Math.max(a.readAt, b.readAt) }
}

function sayStorage(
  says: StorageSays,
  places: Place[],
  seen: (Place & { beat: Newest })[],
  beatAt: number | null,
  now: number,
): string {
  if (places.length === 0) return 'it shares no datastore with another host, so there is no heartbeat to read'
  if (says === 'unknown')
    return `no other host that can be heard reads its heartbeat on ${sayList(places.map(({ name }) => name))}`
  const best = seen.find(({ beat }) => beat.movedAt === beatAt)!
  const who = `${sayFew(best.readers)} ${best.readers.length === 1 ? 'reads' : 'read'} its heartbeat on ${best.name}`
  return says === 'fresh'
    ? `${who}: it moves`
    : `${who}; it has stood still for ${sayDuration(now - beatAt!)}`
}

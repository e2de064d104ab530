import { type Host, sayDuration, type World } from '@drover/model'
import type { Look } from './evidence'

/** Whoever was heard so lately may be about to speak again: its agent does every second. */
const heardMs = 2_000

/** Whether a host's agent is heard, be it that it has not said yet what the host runs. */
export function isHeard(world: World, { id }: Pick<Host, 'id'>, now: number): boolean {
  const heardAt = world.live.get(id)?.heardAt
  return heardAt !== undefined && heardAt <= now && now - heardAt < heardMs
}

/** What a host wrote just before it died is read at most so long after. */
const readLagMs = 2_000

/**
 * Who saw a host alive after `since`, and has not looked again and found it dead: in words; null: nobody. Also somebody
 * who cannot be heard any more: that a witness falls silent does not unsay what it saw. This is what a device has against it
 * that says "off" since then of a host that was not.
 */
export function lifeSince(
  world: World,
  host: Host,
  { storage }: Pick<Look, 'storage'>,
  since: number,
  now: number,
): string | null {
  for (const [id, live] of world.live) {
    if (id === host.id) continue
    const name = world.tables.host.get(id)?.name ?? id
    const reach = live.reaches.get(host.id)
    if (reach?.ok && reach.at > since && reach.at <= now)
      return `it answered ${name} ${sayDuration(now - reach.at)} ago`
    const movedAt = live.signs?.get(host.id) ?? 0
    if (storage !== 'stale' && movedAt > since + readLagMs && movedAt <= now)
      return `${name} saw its heartbeat on a datastore move ${sayDuration(now - movedAt)} ago`
  }
  return null
}

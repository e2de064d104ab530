import type { Host, HostLive, World } from '@drover/model'

/** Whoever was heard this recently may bear witness. */
export const witnessMs = 3_000

export interface Witness {
  host: Host
  live: HostLive
}

/** Hosts that can be heard now: what they saw, they see. */
export function witnessesOf(world: World, now: number): Witness[] {
  const found: Witness[] = []
  for (const [id, live] of world.live) {
    if (now - live.heardAt > witnessMs || live.heardAt > now) continue
    const other = world.tables.host.get(id)
    if (other?.state === 'connected') found.push({ host: other, live })
  }
  return found
}

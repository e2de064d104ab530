import {
  type ChangeEvent,
  enter,
  type Host,
  type HostState,
  hostStates,
  refOf,
  type World,
} from '@drover/model'
import type { Context } from '../context'
import { accept, type Decision } from '../decision'
import { put } from '../world/rows'

/** A host that has been silent for this long is suspect. Three heartbeats: one may be late, one may be lost. */
export const suspectAfterMs = 3_000
/** What a host that was just enrolled gets for its first report. */
const firstReportMs = 30_000

/**
 * Hosts whose silence has lasted too long, by control's clock at arrival. A suspicion, never a proof: nothing is
 * concluded from it but that nothing is known.
 */
export function silentHosts(world: World, now: number): Host[] {
  return [...world.tables.host.values()].filter((host) => {
    if (host.state === 'suspect') return false
    const heardAt = world.live.get(host.id)?.heardAt ?? host.stateSince
    return now - heardAt > (host.state === 'connecting' ? firstReportMs : suspectAfterMs)
  })
}

/** Marks the silent hosts suspect. */
export function decideSuspects(world: World, ctx: Context): Decision {
  const events = silentHosts(world, ctx.now).flatMap((host) => {
    const seconds = Math.round((ctx.now - (world.live.get(host.id)?.heardAt ?? host.stateSince)) / 1000)
    return stateChanged(host, 'suspect', `its agent has been silent for ${seconds} s`, ctx.now)?.event ?? []
  })
  return accept(events, null)
}

/** A suspect host that is heard again. What it runs was reported before, and changes since then come as always. */
export function decideHeard(world: World, { hostId }: { hostId: string }, ctx: Context): Decision {
  const host = world.tables.host.get(hostId)
  if (host?.state !== 'suspect') return accept([], null)
  const heard = stateChanged(host, 'connected', 'its agent is heard again', ctx.now)
  return accept(heard ? [heard.event] : [], null)
}

/** The event of a host's new state, and the row after it; null when it is in that state already. */
export function stateChanged(
  host: Host,
  to: HostState,
  why: string,
  now: number,
): { event: ChangeEvent; host: Host } | null {
  if (host.state === to) return null
  const row: Host = { ...host, state: enter('host', hostStates, host.state, to), stateSince: now }
  const body = { kind: 'host.state', host: refOf(host), from: host.state, to, why } as const
  return { event: { body, initiator: { kind: 'drover' }, rows: [put('host', row)] }, host: row }
}

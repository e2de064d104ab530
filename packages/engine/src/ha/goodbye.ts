import { type Beat, type Goodbye, type Host, refOf, type World } from '@drover/model'
import { lastWordsMs, noteGoodbye } from '../host/goodbye'
import type { Changes } from '../world/changes'
import { put } from '../world/rows'
import type { PeersSay } from './classify'
import type { Look } from './evidence'

/** What peers say long after a goodbye is no echo of a time in which the agent itself answered them. */
const echoMs = 30_000
/** A host that answered others after its agent was stopped, and then nobody for so long, is not only unwatched. */
const darkMs = 60_000

/** A goodbye, and the VMs that ran on then, as far as it says. */
export type Heard = Goodbye & { running: readonly string[] | null }

/**
 * The goodbye of a silent host's agent: what it said to control or, where that did not reach it, what stands in the newest of
 * its heartbeats on datastores. Null: it said none, or a later life of it has been heard of since. `signAt`: when its
 * heartbeat was last seen to move.
 */
export function goodbyeOf(world: World, host: Host, signAt: number | null): Heard | null {
  const said = host.facts?.goodbye
  return said && (signAt ?? 0) <= said.at + lastWordsMs ? { ...said, running: null } : lastWords(world, host)
}

/**
 * What its datastores say. The file stays when its writer is gone, so an old one must not pass for a new one: where this
 * leader has heard the host, the reader has to have seen it being written at the end of that.
 */
function lastWords(world: World, host: Host): Heard | null {
  const last = newestBeat(world, host)
  if (!last?.goodbye) return null
  const live = world.live.get(host.id)
  const heard = live !== undefined && live.seen.size > 0
  if (heard && (last.unmoved || last.changedAt < live.heardAt - lastWordsMs)) return null
  return { ...last.goodbye, at: last.changedAt, running: last.running }
}

/** The last heartbeat on datastores that anybody knows of from this life of the host. */
function newestBeat(world: World, { id, facts }: Host): Beat | null {
  let last: Beat | null = null
  for (const { storage } of world.live.values())
    for (const { beats } of storage.values()) {
      const beat = beats.get(id)
      if (!beat || beat.bootId !== facts?.bootId) continue
      if (!last || beat.n > last.n || (beat.n === last.n && last.unmoved && !beat.unmoved)) last = beat
    }
  return last
}

/**
 * Whether its agent may have been stopped in an orderly way, and then has let go of its watchdog. Also where its machine went
 * down with it: the VMs of one that shuts down run on until their turn comes. In doubt an old goodbye counts.
 */
export function mayHaveLeft(world: World, host: Host, goodbye: Heard | null): boolean {
  return goodbye !== null || newestBeat(world, host)?.goodbye !== undefined
}

/**
 * Whether a goodbye explains all the silence there is. Not that of a machine that goes down; nor that of one on which
 * something answered others after its agent was gone, and now answers nobody any more: that has another cause.
 * `answeredAt`: when something on it was last known to answer a peer.
 */
export function explains(
  goodbye: Goodbye,
  { answeredAt, says }: { answeredAt: number | null; says: PeersSay },
  { self }: World,
  now: number,
): boolean {
  if (goodbye.goesDown) return false
  const lately = (answeredAt ?? 0) > goodbye.at + echoMs ? answeredAt : null
  const last = Math.max(lately ?? 0, goodbye.answeredAt ?? 0)
  if (says !== 'none' || last === 0) return true
  // Who has just begun to listen, or stood still, cannot say that nobody answered meanwhile.
  return now - Math.max(last, self.startedAt, self.stalledAt ?? 0) < darkMs
}

/** Writes down what the next leader has to know of an agent's goodbye: that it was said, and that its host answers all the same. */
export function noteUnwatched(changes: Changes, { id }: Host, look: Look): void {
  const { goodbye, answeredAt } = look
  const host = changes.get('host', id)!
  if (!goodbye || !host.facts) return
  const { running, ...said } = goodbye
  noteGoodbye(changes, host, said, running)
  const { facts } = changes.get('host', id)!
  const before = facts!.goodbye!
  if (before.answeredAt !== undefined || answeredAt === null || answeredAt <= before.at + echoMs) return
  changes.say({ kind: 'host.facts', host: refOf(host), fields: ['goodbye'] }, [
    put('host', { ...changes.get('host', id)!, facts: { ...facts!, goodbye: { ...before, answeredAt } } }),
  ])
}

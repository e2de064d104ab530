import { type Goodbye, type Host, type HostId, refOf, type World } from '@drover/model'
import type { SaidGoodbye } from '@drover/protocol'
import type { Context } from '../context'
import { accept, type Decision } from '../decision'
import { Changes } from '../world/changes'
import { put } from '../world/rows'

/** Until what an agent wrote last has reached everybody who reads it. A sign of life after that is of a later life. */
export const lastWordsMs = 10_000

/** An agent that was stopped in an orderly way says so, once or again: nothing changes but what its silence will mean. */
export function decideGoodbye(
  world: World,
  { hostId, said }: { hostId: HostId; said: SaidGoodbye },
  ctx: Context,
): Decision {
  const changes = new Changes(world, ctx)
  const host = world.tables.host.get(hostId)
  const { why, goesDown, running } = said
  if (host) noteGoodbye(changes, host, { at: ctx.now, why, goesDown }, running)
  return accept(changes.events, null)
}

/** Writes a goodbye down, whichever way it came. `running`: the VMs (uuids) that ran on then; null: that is not known. */
export function noteGoodbye(
  changes: Changes,
  host: Host,
  goodbye: Goodbye,
  running: readonly string[] | null,
): void {
  if (!host.facts || goodbye.at < (host.facts.goodbye?.at ?? 0) + lastWordsMs) return
  const { tables, index } = changes.world
  const vms =
    running?.flatMap((uuid) => tables.vm.get(index.vmByUuid.get(uuid) ?? '') ?? []).map(refOf) ?? null
  const { why, goesDown } = goodbye
  changes.say({ kind: 'host.goodbye', host: refOf(host), why, goesDown, vms }, [
    put('host', { ...host, facts: { ...host.facts, goodbye } }),
  ])
}

/** It speaks again, or has booted anew: what its last life said at its end is over. */
export function withoutGoodbye<F extends object>(facts: F & { goodbye?: Goodbye }): F {
  const { goodbye: _, ...rest } = facts
  return rest as unknown as F
}

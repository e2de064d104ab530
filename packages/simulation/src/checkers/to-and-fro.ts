import type { Checker, Scene } from './checker'
import { type LoadMove, loadMovesSince } from './load-moves'

/** Rules do not play with a VM. */
export function toAndFro(): Checker {
  let looked = 0
  let last: { stands: number; moves: LoadMove[] } = { stands: 0, moves: [] }
  return {
    name: 'rules do not work against one another',
    holds:
      'While no guest does anything else than before, no VM is moved to a host, away and back there by rules.',
    always(scene) {
      const { events } = scene.ledger
      if (looked === events.length) return []
      const fresh = loadMovesSince(scene, looked).filter(({ decision }) => decision?.automatic)
      looked = events.length
      if (fresh.length === 0) return []
      const stands = standsSince(scene)
      if (stands !== last.stands) last = { stands, moves: [] }
      last.moves.push(...fresh.filter(({ task }) => task.createdAt > stands))
      return fresh.flatMap(({ task }) => {
        const all = last.moves.filter((move) => move.task.vmId === task.vmId)
        const [first, back, again] = all.slice(-3)
        if (!first || !back || !again || again.task.params.targetId !== first.task.params.targetId) return []
        const by = [...new Set(all.map(({ decision }) => decision!.by.name))].join(' and ')
        return [`${task.vmName} is moved to and fro ${all.length} times by ${by}, and nothing has changed`]
      })
    },
  }
}

/** Since when every guest has done as it does now; for ever in the future while one follows no course. */
function standsSince({ truth }: Scene): number {
  let since = 0
  for (const { domains } of truth.hosts.values())
    for (const { uuid, guest } of domains.values())
      if (guest) since = Math.max(since, truth.profile(uuid).course?.at(-1)?.at ?? Number.POSITIVE_INFINITY)
  return since
}

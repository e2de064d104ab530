import type { Checker, Scene } from './checker'
import { loadMovesSince } from './load-moves'

/** Rounds that may follow once loads have stopped changing. */
const mostRounds = 3

/** Balancing comes to rest. */
export function settles(): Checker {
  return {
    name: 'balancing settles',
    holds:
      'Once loads have stopped changing, moves for their sake end within three rounds, and no VM goes back to where it was taken away.',
    atRest(scene) {
      const { stillSince } = scene
      if (stillSince === null) return []
      const moves = loadMovesSince(scene, 0)
        .map(({ task }) => task)
        .filter(({ createdAt }) => createdAt > stillSince)
      const rounds = new Set(moves.map(({ createdAt }) => createdAt)).size
      const told = moves.map(({ vmName, params, createdAt }) => {
        const [source, target] = [nameOf(scene, params.sourceId), nameOf(scene, params.targetId)]
        return `${vmName} ${source}→${target} (${createdAt - stillSince} ms)`
      })
      if (rounds > mostRounds) return [`${rounds} rounds since loads stand still: ${told.join(', ')}`]
      return moves.flatMap(({ vmId, params, vmName }, i) => {
        const back = moves.slice(i + 1).find((other) => {
          return other.vmId === vmId && other.params.targetId === params.sourceId
        })
        return back ? [`${vmName} goes to and fro while loads stand still: ${told.join(', ')}`] : []
      })
    },
  }
}

function nameOf({ ledger }: Scene, hostId: string): string {
  return ledger.folded.host.get(hostId)?.name ?? hostId
}

import { unpackInputs } from '@drover/engine'
import type { LoadDecision } from '@drover/model'
import { judgeLoad } from '@drover/planner'
import type { Checker, Scene } from './checker'
import { decisionOf, loadMovesSince } from './load-moves'

/** Rounds that may follow once loads have stopped changing, besides those that one plan takes that admins have cut into small ones. */
const mostRounds = 3

/** Balancing comes to rest. */
export function settles(): Checker {
  return {
    name: 'balancing settles',
    holds:
      'Once loads have stopped changing, moves for their sake end within three rounds, or as many as the first whole plan takes with so many moves at once, and no VM goes back to where it was taken away.',
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
      if (rounds > mostRounds && rounds > planned(moves[0] ? decisionOf(scene, moves[0].id) : null))
        return [`${rounds} rounds since loads stand still: ${told.join(', ')}`]
      return moves.flatMap(({ vmId, params, vmName }, i) => {
        const back = moves.slice(i + 1).find((other) => {
          return other.vmId === vmId && other.params.targetId === params.sourceId
        })
        return back ? [`${vmName} goes to and fro while loads stand still: ${told.join(', ')}`] : []
      })
    },
  }
}

/** Rounds that the balance would have needed for all that was uneven when it decided that, by what it then knew. */
function planned(decision: LoadDecision | null): number {
  const inputs = decision?.by.id === 'balance' ? unpackInputs(decision.inputs) : null
  if (!inputs) return 0
  const { picture, rules, memory } = inputs
  const budget = { movesPerHour: null, bytesPerHour: null }
  const balance = { ...rules.balance, budget, movesAtOnce: picture.vms.length }
  const { proposals } = judgeLoad(picture, { ...rules, balance }, memory)
  const whole = proposals.find(({ by, automatic }) => by === 'balance' && automatic)
  return Math.ceil((whole?.moves.length ?? 0) / rules.balance.movesAtOnce)
}

function nameOf({ ledger }: Scene, hostId: string): string {
  return ledger.folded.host.get(hostId)?.name ?? hostId
}

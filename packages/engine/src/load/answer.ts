import type { DecisionMove, DecisionState, LoadDecision, TaskId, World } from '@drover/model'
import { sayInitiator } from '@drover/model'
import { unrest } from '../balance/calm'
import type { Context } from '../context'
import { accept, type Decision, type Refused, refuse } from '../decision'
import { Changes } from '../world/changes'
import { put } from '../world/rows'
import { beginNext } from './carry'
import { openDecisions } from './decide'
import { endDecision } from './end'

export interface Applied {
  /** The tasks that were begun at once; more may follow, step by step. */
  taskIds: TaskId[]
}

/**
 * Carries a recommendation out, all of it or the moves with these positions. Each step is asked again of the live world
 * before it begins; refused when the first one is no longer possible, with the reasons.
 */
export function decideApply(
  world: World,
  { decisionId, moves }: { decisionId: string; moves?: readonly number[] | null },
  ctx: Context,
): Decision<Applied> {
  const decision = world.tables.decision.get(decisionId)
  if (!decision) return refuse([{ code: 'not_found', noun: 'recommendation', id: decisionId }])
  if (decision.state !== 'open') return notOpen(decision)
  const cluster = world.tables.cluster.get(decision.clusterId)
  if (!cluster) return refuse([{ code: 'not_found', noun: 'cluster', id: decision.clusterId }])
  const other = openDecisions(world, cluster).find(({ state }) => state === 'running')
  if (other) return notNow(`"${other.by.name}" is being carried out`, 'Wait until it has ended.')
  const first = unrest(world, cluster, ctx.now)
  if (first) return notNow(`Something comes first: ${first}`, 'Wait until that is over.')
  if (moves) {
    if (decision.power.length > 0)
      return no(
        'moves',
        'a host sleeps only when it is empty',
        'Leave the moves out, and it is applied as a whole.',
      )
    const wrong = moves.find((i) => decision.moves[i]?.state !== 'open')
    if (wrong !== undefined)
      return no(
        'moves',
        `of its ${decision.moves.length} moves there is none at position ${wrong}, counted from 0, that is left to be made`,
        'Choose from the recommendation as it is now.',
      )
    if (moves.length === 0) return no('moves', 'no move is chosen', 'Choose at least one, or leave it out.')
  }
  const changes = new Changes(world, ctx)
  const chosen = new Set(moves ?? decision.moves.keys())
  const row: LoadDecision = {
    ...decision,
    state: 'running',
    by: { ...decision.by, applied: ctx.initiator },
    person: sayInitiator(ctx.initiator),
    moves: decision.moves.map(
      (move, i): DecisionMove => (move.state === 'open' ? { ...move, chosen: chosen.has(i) } : move),
    ),
  }
  const text = `${decision.by.name}: ${row.person} applies ${moves ? 'a part of it' : 'it'}.`
  const ref = { id: row.id, name: row.by.name }
  changes.say({ kind: 'decision.part', decision: ref, about: ref, state: 'running', text }, [
    put('decision', row),
  ])
  beginNext(changes, row)
  const next = changes.get('decision', row.id)!
  const begun = [...next.moves, ...next.power].filter(({ state }) => state === 'running')
  if (begun.length === 0) {
    const why = [...next.moves, ...next.power].find(({ state }) => state === 'dropped')?.why
    return notNow(why ?? `Nothing of "${decision.by.name}" can be begun`, 'Look at what is recommended now.')
  }
  return accept(changes.events, { taskIds: begun.flatMap(({ taskId }) => taskId ?? []) })
}

/** Turns a recommendation down: it is not made again for a while, as long as the rule stays as it is. */
export function decideDismiss(world: World, { decisionId }: { decisionId: string }, ctx: Context): Decision {
  const decision = world.tables.decision.get(decisionId)
  if (!decision) return refuse([{ code: 'not_found', noun: 'recommendation', id: decisionId }])
  if (decision.state !== 'open') return notOpen(decision)
  const changes = new Changes(world, ctx)
  const person = sayInitiator(ctx.initiator)
  endDecision(changes, { ...decision, person }, 'dismissed', `${person} does not want it.`)
  return accept(changes.events, null)
}

const stateWords: Record<DecisionState, string> = {
  open: 'it is still open',
  running: 'it is being carried out already',
  done: 'it is carried out already',
  failed: 'it was tried, and failed',
  dismissed: 'it was dismissed',
  superseded: 'it no longer fits',
}

function notOpen({ by, state }: LoadDecision): Refused {
  return notNow(`"${by.name}" cannot be answered: ${stateWords[state]}`, 'Look at what is recommended now.')
}

/** Nothing is wrong with the request; things are otherwise by now. */
function notNow(problem: string, remedy: string): Refused {
  return refuse([{ code: 'not_now', problem: problem.replace(/\.$/, ''), remedy }])
}

function no(field: string, problem: string, remedy: string): Refused {
  return refuse([{ code: 'invalid', field, problem: problem.replace(/\.$/, ''), remedy }])
}

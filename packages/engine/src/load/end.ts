import type { DecisionMove, DecisionPower, DecisionState, LoadDecision, Ref } from '@drover/model'
import type { Changes } from '../world/changes'
import { put } from '../world/rows'

export function decisionRef({ id, by }: LoadDecision): Ref<LoadDecision['id']> {
  return { id, name: by.name }
}

/** Ends a decision; what of it was not begun is dropped for the same reason. */
export function endDecision(
  changes: Changes,
  decision: LoadDecision,
  state: Extract<DecisionState, 'done' | 'failed' | 'dismissed' | 'superseded'>,
  why: string,
): LoadDecision {
  const drop = <P extends DecisionMove | DecisionPower>(part: P): P =>
    part.state === 'open' ? { ...part, state: 'dropped', why } : part
  const row: LoadDecision = {
    ...decision,
    state,
    endedAt: changes.now,
    moves: decision.moves.map(drop),
    power: decision.power.map(drop),
  }
  const text = `${decision.by.name}: ${why}`
  changes.say({ kind: 'decision.ended', decision: decisionRef(row), state, text }, [put('decision', row)])
  return row
}

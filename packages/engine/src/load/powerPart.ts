import type { DecisionPower, LoadDecision, World } from '@drover/model'
import type { Context } from '../context'
import type { Decision } from '../decision'
import { decideSleep } from '../host/sleep'
import { decideWake } from '../host/wake'
import type { Started } from '../task/create'

/** Puts a host to sleep, or wakes it, as a decision has it. What it still runs by then is moved as part of that. */
export function startPower(
  world: World,
  { id: decisionId, person }: Pick<LoadDecision, 'id' | 'person'>,
  { host, act, text: why, until }: DecisionPower,
  ctx: Context,
): Decision<Started> {
  const reason = person ? `Applied by ${person}.` : null
  if (act === 'wake') return decideWake(world, { hostId: host.id, why, decisionId, reason }, ctx)
  return decideSleep(world, { hostId: host.id, why, decisionId, until, byHand: false, reason }, ctx)
}

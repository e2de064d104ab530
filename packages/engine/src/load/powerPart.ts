import type { DecisionMove, DecisionPower, HostId, LoadDecision, VmId, World } from '@drover/model'
import type { Context } from '../context'
import type { Decision } from '../decision'
import { decideSleep } from '../host/sleep'
import { decideWake } from '../host/wake'
import type { Started } from '../task/create'

/** Puts a host to sleep, or wakes it, as a decision has it. */
export function startPower(
  world: World,
  decision: LoadDecision,
  part: DecisionPower,
  ctx: Context,
): Decision<Started> {
  const reason = decision.person ? `${part.text} Applied by ${decision.person}.` : part.text
  const input = { hostId: part.host.id, why: part.text, decisionId: decision.id, reason }
  if (part.act === 'wake') return decideWake(world, input, ctx)
  const wanted = new Map<VmId, HostId>(emptying(decision, part).map(({ vm, target }) => [vm.id, target.id]))
  return decideSleep(world, { ...input, until: part.until, byHand: false, wanted }, ctx)
}

/** The moves that empty the host: its sleep makes them itself, so that nothing comes there meanwhile. */
export function emptying({ moves }: LoadDecision, { host }: DecisionPower): DecisionMove[] {
  return moves.filter(({ source }) => source.id === host.id)
}

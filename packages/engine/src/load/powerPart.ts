import type { DecisionMove, DecisionPower, HostId, LoadDecision, VmId, World } from '@drover/model'
import { whyNoLonger } from '@drover/planner'
import type { Context } from '../context'
import { type Decision, refuse } from '../decision'
import { decideSleep } from '../host/sleep'
import { whyUnasked } from '../host/sleep/unasked'
import { decideWake } from '../host/wake'
import type { Started } from '../task/create'
import { loadPicture } from './picture'
import { loadRules } from './rules'
import { waysIn } from './ways'

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
  const needed = whyAwake(world, decision, part, ctx.now)
  if (needed) return refuse([{ code: 'not_now', problem: needed, remedy: 'It stays awake.' }])
  const wanted = new Map<VmId, HostId>(emptying(decision, part).map(({ vm, target }) => [vm.id, target.id]))
  return decideSleep(world, { ...input, until: part.until, byHand: false, wanted }, ctx)
}

/** Why a host is not to sleep any more, since that was decided; a sentence without its full stop. Null: it may. */
function whyAwake(world: World, decision: LoadDecision, part: DecisionPower, now: number): string | null {
  const cluster = world.tables.cluster.get(decision.clusterId)
  const host = world.tables.host.get(part.host.id)
  // What is gone says so itself.
  if (!cluster || !host) return null
  const unasked = decision.automatic ? whyUnasked(world, host) : null
  if (unasked) return unasked
  const rules = loadRules(world, cluster)
  const picture = loadPicture(world, cluster, rules, now, { loadsOnly: true })
  if (!picture) return 'It is not known any more what every host uses'
  const sleeper = picture.hosts.findIndex(({ id }) => id === host.id)
  const ways = waysIn(picture, emptying(decision, part))
  return whyNoLonger(picture, rules, 'power', ways, sleeper)?.replace(/\.$/, '') ?? null
}

/** The moves that empty the host: its sleep makes them itself, so that nothing comes there meanwhile. */
export function emptying({ moves }: LoadDecision, { host }: DecisionPower): DecisionMove[] {
  return moves.filter(({ source }) => source.id === host.id)
}

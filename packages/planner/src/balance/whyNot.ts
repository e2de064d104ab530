import { Layout, type Reason } from '../model/layout'
import type { Model } from '../model/model'
import { unitOf } from '../model/unit'
import type { BalancePlan } from './balance'
import { type BalanceGoal, Loads } from './goal'

/** The first reason why a VM of a plan does not go to a host. */
export type WhyNot =
  | Reason
  /** A rule that should hold, or a host that it had better be on. */
  | { code: 'wish' }
  /** It could, and that betters the score less than where it goes. */
  | { code: 'worse'; gain: number; chosen: number }

/** For every host other than source and target of a plan's move, the first reason against it. */
export function whyNotElsewhere(
  model: Model,
  goal: BalanceGoal,
  { moves }: BalancePlan,
  index: number,
): { host: number; reason: WhyNot }[] {
  const layout = new Layout(model)
  const loads = new Loads(model, goal)
  const { vm, from, to, step } = moves[index]!
  for (const move of moves.slice(0, index)) {
    if (move.step === step) break
    const one = unitOf(model, [move.vm])
    layout.take(one)
    layout.put(one, move.to)
    loads.move(one.size, move.from, move.to)
  }
  const along = moves.filter((move) => move.step === step && move.to === to).map((move) => move.vm)
  const unit = unitOf(model, along.includes(vm) ? along : [vm])
  const chosen = loads.gain(unit.size, from, to)
  layout.take(unit)
  const reasons: { host: number; reason: WhyNot }[] = []
  for (const host of model.hosts.keys()) {
    if (host === from || host === to) continue
    const [hard] = layout.whyNot(unit, host)
    const wish = unit.hostCost && unit.hostCost[host]! > unit.hostCost[from]!
    const gain = loads.gain(unit.size, from, host)
    reasons.push({ host, reason: hard ?? (wish ? { code: 'wish' } : { code: 'worse', gain, chosen }) })
  }
  return reasons
}

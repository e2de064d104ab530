import { Layout, type Reason } from '../model/layout'
import type { Model } from '../model/model'
import { unitOf } from '../model/unit'
import type { BalanceMove, BalancePlan } from './balance'
import { type BalanceGoal, Loads } from './goal'

/** The first reason why a VM of a plan does not go to a host. */
export type WhyNot =
  | Reason
  /** A rule that should hold, or a host that it had better be on. */
  | { code: 'wish' }
  /** It could; this is what that would gain, beside what going where it goes gains. */
  | { code: 'worse'; gain: number; chosen: number }

export interface HostAgainst {
  host: number
  reason: WhyNot
}

/** For each move of a plan in order: for every host other than its source and target the first reason against it. */
export function* whyNots(
  model: Model,
  goal: BalanceGoal,
  { moves }: Pick<BalancePlan, 'moves'>,
): Generator<HostAgainst[]> {
  const layout = new Layout(model)
  const loads = new Loads(model, goal)
  for (let i = 0; i < moves.length; ) {
    const { step } = moves[i]!
    let end = i
    while (end < moves.length && moves[end]!.step === step) end += 1
    const parts = moves.slice(i, end)
    for (const move of parts) yield against(model, layout, loads, move, parts)
    for (const { vm, from, to } of parts) {
      const unit = unitOf(model, [vm])
      layout.take(unit)
      layout.put(unit, to)
      loads.move(unit.size, from, to)
    }
    i = end
  }
}

function against(
  model: Model,
  layout: Layout,
  loads: Loads,
  { from, to }: BalanceMove,
  parts: readonly BalanceMove[],
): HostAgainst[] {
  const along = parts.filter((move) => move.to === to).map(({ vm }) => vm)
  const unit = unitOf(model, along)
  const chosen = loads.gain(unit.size, from, to)
  layout.take(unit)
  const found: HostAgainst[] = []
  for (const host of model.hosts.keys()) {
    if (host === from || host === to) continue
    const [hard] = layout.fits(unit, host) ? [] : layout.whyNot(unit, host)
    const wish = unit.hostCost && unit.hostCost[host]! > unit.hostCost[from]!
    const gain = loads.gain(unit.size, from, host)
    found.push({ host, reason: hard ?? (wish ? { code: 'wish' } : { code: 'worse', gain, chosen }) })
  }
  layout.put(unit, from)
  return found
}

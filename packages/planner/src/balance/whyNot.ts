import { Layout, type Reason } from '../model/layout'
import type { Model } from '../model/model'
import { type Unit, unitOf } from '../model/unit'
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

/**
 * For each move of a plan and each host the first reason why not, packed: for a large cluster there are millions of
 * them, and they go from one thread to another.
 */
export interface Explained {
  hosts: number
  /** By move and host. */
  codes: Uint8Array
  /** By move and host: what the code needs besides. */
  values: Float64Array
  /** By move: what going where it goes gains. */
  chosen: Float64Array
  /** By move and resource: what it needs. */
  sizes: Float64Array
}

const own = 0
const closed = 1
const ineligible = 2
const rule = 3
const wish = 4
const worse = 5
/** This and what comes after it: short of the resource of that number. */
const short = 6

/** For each move of a plan in order: for every host other than its source and target the first reason against it. */
export function* whyNots(
  model: Model,
  goal: BalanceGoal,
  plan: Pick<BalancePlan, 'moves'>,
): Generator<HostAgainst[]> {
  const explained = explain(model, goal, plan)
  for (const move of plan.moves.keys()) yield reasonsOf(explained, move)
}

/** The reasons of the move with this index. */
export function reasonsOf({ hosts, codes, values, chosen, sizes }: Explained, move: number): HostAgainst[] {
  const found: HostAgainst[] = []
  const resources = sizes.length / chosen.length
  for (let host = 0; host < hosts; host += 1) {
    const code = codes[move * hosts + host]!
    const value = values[move * hosts + host]!
    if (code === own) continue
    const reason = (): WhyNot => {
      if (code === closed) return { code: 'closed' }
      if (code === ineligible) return { code: 'ineligible' }
      if (code === rule) return { code: 'rule', rule: value }
      if (code === wish) return { code: 'wish' }
      if (code === worse) return { code: 'worse', gain: value, chosen: chosen[move]! }
      const resource = code - short
      return { code: 'short', resource, needed: sizes[move * resources + resource]!, free: value }
    }
    found.push({ host, reason: reason() })
  }
  return found
}

/** Works out the reasons of all moves, each as things stand when its turn comes. */
export function explain(model: Model, goal: BalanceGoal, { moves }: Pick<BalancePlan, 'moves'>): Explained {
  const hosts = model.hosts.length
  const width = model.resources.length
  const explained: Explained = {
    hosts,
    codes: new Uint8Array(moves.length * hosts),
    values: new Float64Array(moves.length * hosts),
    chosen: new Float64Array(moves.length),
    sizes: new Float64Array(moves.length * width),
  }
  const layout = new Layout(model)
  const loads = new Loads(model, goal)
  for (let i = 0; i < moves.length; ) {
    const { step } = moves[i]!
    let end = i
    while (end < moves.length && moves[end]!.step === step) end += 1
    const parts = moves.slice(i, end)
    for (const [j, move] of parts.entries()) {
      const along = parts.filter(({ to }) => to === move.to).map(({ vm }) => vm)
      against(explained, i + j, layout, loads, unitOf(model, along), move)
    }
    for (const { vm, from, to } of parts) {
      const unit = unitOf(model, [vm])
      layout.take(unit)
      layout.put(unit, to)
      loads.move(unit.size, from, to)
    }
    i = end
  }
  return explained
}

function against(
  { hosts, codes, values, chosen, sizes }: Explained,
  index: number,
  layout: Layout,
  loads: Loads,
  unit: Unit,
  { from, to }: BalanceMove,
): void {
  const base = index * hosts
  const gains = values.subarray(base, base + hosts)
  loads.gains(unit.size, from, gains)
  chosen[index] = gains[to]!
  sizes.set(unit.size, index * unit.size.length)
  layout.take(unit)
  const wished = unit.hostCost?.[from] ?? 0
  for (let host = 0; host < hosts; host += 1) {
    if (host === from || host === to) continue
    if (layout.fits(unit, host)) {
      codes[base + host] = unit.hostCost && unit.hostCost[host]! > wished ? wish : worse
      continue
    }
    const [reason] = layout.whyNot(unit, host)
    if (reason?.code === 'closed') codes[base + host] = closed
    else if (reason?.code === 'rule') {
      codes[base + host] = rule
      values[base + host] = reason.rule
    } else if (reason?.code === 'short') {
      codes[base + host] = short + reason.resource
      values[base + host] = reason.free
    } else codes[base + host] = ineligible
  }
  layout.put(unit, from)
}

import { Layout } from '../model/layout'
import type { Model } from '../model/model'
import { type Unit, unitOf } from '../model/unit'
import { type BalanceGoal, Loads, type Score } from './goal'
import { Steps } from './steps'

/** One VM (or those that strict rules keep together, one after the other) from one host to another. */
export interface BalanceMove {
  vm: number
  from: number
  to: number
  /** Moves of one step belong together: an exchange, or a group. The step gains, a part of it may not. */
  step: number
  /** The score before and after the step. */
  before: Score
  after: Score
  /** What the move costs, in the unit of the goal's cost resource. */
  cost: number
}

export interface BalancePlan {
  /** In order: each fits on its target while its source still holds it. */
  moves: BalanceMove[]
  before: Score
  after: Score
  /** Whether the plan was cut short. */
  stopped: boolean
}

export interface BalanceOptions {
  /** Asked now and then: false stops with what is found so far. */
  mayGoOn?: () => boolean
  /** By VM: whether it may be moved; absent: all that run. */
  movable?: (vm: number) => boolean
}

/**
 * How much the cost of a move counts against its gain: the exponent of the cost. Each is tried, and the plan that
 * reaches what is aimed at for the least cost is taken.
 */
const thrifts = [0.6, 0.8, 0.4]
/** Where only overloads count, the fewest moves do. */
const hasty = [0.05]
/** Clusters with more VMs than this get one plan only. */
const many = 2_000

/**
 * Which moves, in which order, even out the load. Every state on the way is feasible, strict rules that hold go on
 * holding, wishes are not worsened, and no VM moves twice. The same input gives the same plan.
 */
export function balance(model: Model, goal: BalanceGoal, options: BalanceOptions = {}): BalancePlan {
  const units = movableUnits(model, options.movable)
  const all = goal.aim === 'overload' ? hasty : thrifts
  const exponents = model.vms.length > many ? all.slice(0, 1) : all
  let best: BalancePlan | null = null
  let least: [number, number] = [0, 0]
  for (const thrift of exponents) {
    if (best && options.mayGoOn && !options.mayGoOn()) break
    const plan = new Steps(new Layout(model), new Loads(model, goal), units, thrift, options.mayGoOn).run()
    const price: [number, number] = [plan.after.total, plan.moves.reduce((sum, { cost }) => sum + cost, 0)]
    if (!best || betters(price, least, plan.before.total)) [best, least] = [plan, price]
  }
  return best!
}

/** A lower score is better; between scores that are about as good the one that costs less. */
function betters(a: readonly [number, number], b: readonly [number, number], before: number): boolean {
  const alike = before * 0.02
  return a[0] < b[0] - alike || (a[0] <= b[0] + alike && a[1] < b[1])
}

function movableUnits(model: Model, movable: (vm: number) => boolean = () => true): Unit[] {
  const units: Unit[] = []
  const accepts = (host: number) => host >= 0 && model.hosts[host]!.accepts
  const free = (vm: number) => {
    const { at, towards = -1 } = model.vms[vm]!
    return accepts(at) && towards < 0 && movable(vm)
  }
  for (const vm of model.vms.keys()) {
    const group = model.groupOf[vm]!
    if (group < 0) {
      if (free(vm)) units.push(unitOf(model, [vm]))
      continue
    }
    const members = model.groups[group]!.filter((one) => model.vms[one]!.at >= 0)
    if (members[0] !== vm) continue
    const { at } = model.vms[vm]!
    // A group that is torn apart already is for rules to mend, not for the balance.
    if (members.every((one) => free(one) && model.vms[one]!.at === at)) units.push(unitOf(model, members))
  }
  return units
}

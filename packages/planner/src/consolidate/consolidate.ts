import { empty } from './empty'
import { Field } from './field'
import type { ConsolidationGoal, ConsolidationInput, ConsolidationPlan } from './goal'
import { relieve } from './relieve'
import { wake, wakeForRisk, wakeReserve } from './wake'

/**
 * Which sleeping hosts have to be woken, what is moved off hosts that have too much (where the goal asks for it), and
 * which hosts are emptied and switched off, in this order. Pure: the same input gives the same plan.
 *
 * No strict rule that holds is broken and no hard resource over-committed at any point on the way, no host sleeps that may not or
 * that the reserve, or a failure of the goal's number of hosts, would need.
 * Anytime: `mayGoOn` is asked now and then, and when it says no, the plan is what was found by then.
 */
export function planConsolidation(
  input: ConsolidationInput,
  goal: ConsolidationGoal,
  mayGoOn: () => boolean = () => true,
): ConsolidationPlan {
  const field = new Field(input, goal, mayGoOn)
  const before = field.score()
  wakeForRisk(field)
  relieve(field)
  wake(field)
  const { stays, missing } = empty(field)
  wakeReserve(field, missing)
  return { steps: field.steps, before, after: field.score(), stays, stopped: !mayGoOn() }
}

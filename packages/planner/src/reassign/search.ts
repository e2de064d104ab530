import { Annealer } from './anneal'
import { Assignment } from './assignment'
import { violationsOfAssignment } from './judge'
import { lowerBound, type Problem } from './problem'
import { Random } from './random'

export interface ReassignOptions {
  /** The same seed and the same answers of `elapsed` give the same assignment. */
  seed: number
  /** The share of the time (or work) allowed that is over, by proposals made; the search ends at 1. */
  elapsed: (proposals: number) => number
}

export interface Reassigned {
  /** The machine of every process. */
  at: Int32Array
  cost: number
  initialCost: number
  /** No assignment can cost less. */
  bound: number
  proposals: number
}

/** So many proposals between two looks at the time. */
const round = 4_096

/**
 * Searches for an assignment of least cost. Anytime: hard constraints hold in whatever it returns, and it costs at most
 * what the initial one does. Throws when the initial assignment breaks a constraint.
 */
export function reassign(problem: Problem, { seed, elapsed }: ReassignOptions): Reassigned {
  const [broken] = violationsOfAssignment(problem, problem.initial)
  if (broken) throw new Error(`The assignment breaks a constraint already: ${broken}.`)
  const state = new Assignment(problem)
  const initialCost = state.cost
  const bound = lowerBound(problem)
  const random = new Random(seed)
  const annealer = new Annealer(state, random)
  annealer.homeShare = 0.3
  const typical = typicalRise(state, random)
  for (;;) {
    const share = elapsed(annealer.proposals)
    if (share >= 1 || annealer.best.cost <= bound) break
    annealer.temperature = typical * 2 * (1e-2 / 2) ** share
    annealer.holdPrice = share < 0.9 ? 0.1 * (1 - share / 0.9) : 0
    annealer.run(round)
  }
  const { best, proposals } = annealer
  return { at: best.assignment(), cost: best.cost, initialCost, bound, proposals }
}

/** The mean rise of the cost over random shifts that fit and make it rise; 1 where there is none. */
function typicalRise(state: Assignment, random: Random): number {
  const { processes, machines, service } = state.problem
  let sum = 0
  let rises = 0
  for (let k = 0; k < 20_000; k++) {
    const p = random.below(processes)
    const m = random.below(machines)
    const from = state.at[p]!
    if (m === from || state.meets(service[p]!, m) || !state.fits(p, m, -1)) continue
    const delta =
      state.costWith(from, p, -1) -
      state.machineCost[from]! +
      state.costWith(m, -1, p) -
      state.machineCost[m]! +
      state.moveTerm(p, m) -
      state.moveTerm(p, from)
    if (delta <= 0) continue
    sum += delta
    rises++
  }
  return rises === 0 ? 1 : sum / rises
}

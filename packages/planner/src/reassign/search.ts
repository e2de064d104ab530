import { Annealer, type Mix } from './anneal'
import { Assignment } from './assignment'
import { Cooling } from './cooling'
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
const round = 2_048

const mix: Mix = { exchanges: 0.01, home: 0.85, siblings: 0.1 }

/** Temperatures, as multiples of the typical rise of the cost. */
const hottest = 3
const coldest = 1e-5

/** Share of the time for the first pass, which learns how to cool. */
const firstPass = 0.12

/** Price of what moved processes hold at home, at first, as a share of their load weight. */
const holdPrice = 0.2
/** Where the price of what is held has come down to 0, as a position. */
const holdEnd = 0.75

/**
 * Where the structure forbids more than this share of the shifts that fit, it may be broken for a price while the search
 * is hot: the way from one good assignment to another leads through broken ones.
 */
const manyUnstructured = 0.1
/** How many breaks to allow at first, and at which position there may be none any more. */
const breaks = 20
const breaksEnd = 0.5
/** What is broken here stays so: better go on from the best without. */
const breaksLate = 0.7

/**
 * Searches for an assignment of least cost. Anytime: hard constraints hold in whatever it returns, and it costs at most
 * what the initial one does. Throws when the initial assignment breaks a constraint.
 */
export function reassign(problem: Problem, { seed, elapsed }: ReassignOptions): Reassigned {
  const [broken] = violationsOfAssignment(problem, problem.initial)
  if (broken) throw new Error(`The assignment breaks a constraint already: ${broken}.`)
  const random = new Random(seed)
  const first = new Annealer(new Assignment(problem), random, mix)
  const initialCost = first.state.cost
  const bound = lowerBound(problem)
  const typical = typicalRise(first.state, random)
  const temperature = (position: number): number => typical * hottest * (coldest / hottest) ** position
  const cooling = new Cooling()
  let annealer = first
  let before = 0
  const goesOn = (end: number): number | null => {
    const share = elapsed(before + annealer.proposals)
    return share >= end || annealer.best.cost <= bound ? null : share
  }
  const step = (position: number): void => {
    annealer.temperature = temperature(position)
    annealer.holdPrice = holdPrice * Math.max(0, 1 - position / holdEnd)
    annealer.run(round)
  }

  for (let share = goesOn(firstPass); share !== null; share = goesOn(firstPass)) {
    step(share / firstPass)
    cooling.saw(share / firstPass, annealer.state.cost)
  }
  const { unstructured, feasible } = first
  let soft = unstructured > manyUnstructured * (unstructured + feasible)
  let price = typical
  const position = cooling.plan()
  for (let share = goesOn(1); share !== null; share = goesOn(1)) {
    const now = position((share - firstPass) / (1 - firstPass))
    const { state, best } = annealer
    if (soft) {
      const target = breaks * Math.max(0, 1 - now / breaksEnd)
      price = Math.max(annealer.temperature / 2, state.broken <= target ? price / 1.01 : target > 0 ? price * 1.01 : price * 1.1)
      annealer.structurePrice = price
      if (now > breaksEnd && state.broken === 0) soft = false
      if (now > breaksLate && soft) {
        before += annealer.proposals
        annealer = new Annealer(new Assignment(problem, best.assignment()), random, mix)
        soft = false
      }
      if (!soft) annealer.structurePrice = Number.POSITIVE_INFINITY
    }
    step(now)
  }
  const { best, proposals } = annealer
  return { at: best.assignment(), cost: best.cost, initialCost, bound, proposals: before + proposals }
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

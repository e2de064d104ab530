import { Annealer, type Mix } from './anneal'
import { Assignment } from './assignment'
import { Cooling } from './cooling'
import { descend, typicalRise } from './descend'
import { violationsOfAssignment } from './judge'
import { lowerBound, type Problem } from './problem'
import { Random } from './random'

export interface ReassignOptions {
  /** The same seed and the same answers of `elapsed` give the same assignment. */
  seed: number
  /** Which of the ways to search comes first: searches side by side had better begin differently. */
  way?: number
  /** The share of the time (or work) allowed that is over, by proposals made; the search ends at 1. */
  elapsed: (proposals: number) => number
}

export interface Reassigned {
  /** For every process its machine. */
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

/** Share of the time in which few moves are looked for. */
const descentEnd = 0.03
/** Share of the time for the first pass, which learns how to cool. */
const firstPass = 0.12
/**
 * A pass of so many proposals per process and machine is long enough; where there is time for several, the best counts.
 */
const longPass = 500

/**
 * Price of what moved processes hold at home, at first, as a share of their load weight, and the position at which it has
 * come down to 0. Which is better depends on how much of the load is transient: passes take turns.
 */
const holdPrices = [
  { price: 0.2, end: 0.75 },
  { price: 1, end: 0.95 },
]

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
export function reassign(problem: Problem, options: ReassignOptions): Reassigned {
  const steps = reassignInSteps(problem, options)
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
  }
}

/** The same, to be gone through by whoever has to look at something else in between: a step is at most a fraction of a second. */
export function* reassignInSteps(
  problem: Problem,
  { seed, way = 0, elapsed }: ReassignOptions,
): Generator<undefined, Reassigned> {
  const [broken] = violationsOfAssignment(problem, problem.initial)
  if (broken) throw new Error(`The assignment breaks a constraint already: ${broken}.`)
  const random = new Random(seed)
  const annealer = new Annealer(new Assignment(problem), random, mix)
  const initialCost = annealer.state.cost
  const bound = lowerBound(problem, initialCost)
  const typical = typicalRise(annealer.state, random)
  const ended = (): number => (annealer.best.cost <= bound ? 1 : elapsed(annealer.proposals))
  const step = (position: number, pass: number): void => {
    const hold = holdPrices[(way + pass) % holdPrices.length]!
    annealer.temperature = typical * hottest * (coldest / hottest) ** position
    annealer.holdPrice = hold.price * Math.max(0, 1 - position / hold.end)
    annealer.run(round)
  }

  yield* descend(annealer, () => ended() < descentEnd)
  const cooling = new Cooling()
  let share = ended()
  for (; share < firstPass; share = ended()) {
    step(share / firstPass, 0)
    cooling.saw(share / firstPass, annealer.state.cost)
    yield
  }
  const { unstructured, feasible, proposals } = annealer
  const much = unstructured > manyUnstructured * (unstructured + feasible)
  const position = cooling.plan()
  const left = proposals * (1 / Math.max(share, firstPass) - 1)
  const passes = Math.max(1, Math.floor(left / (longPass * problem.processes * problem.machines)))
  const length = (1 - share) / passes
  for (let from = share, pass = 0; share < 1; from = share, pass++) {
    // Later passes, where there is time for several, try it the other way round.
    const soft = pass % 4 < 2 ? much : !much && unstructured > 0
    const structure = new StructurePrice(annealer, soft ? typical : Number.POSITIVE_INFINITY)
    for (const end = Math.min(1, from + length); share < end; share = ended()) {
      const now = position((share - from) / length)
      structure.at(now)
      step(now, pass)
      yield
    }
    structure.end()
  }
  const { best } = annealer
  return { at: best.assignment(), cost: best.cost, initialCost, bound, proposals: annealer.proposals }
}

/** What broken structure costs during a pass: as much as keeps the breaks near a number that goes down to 0. */
class StructurePrice {
  constructor(
    readonly annealer: Annealer,
    private price: number,
  ) {}

  /** To be called every round. */
  at(position: number): void {
    const { annealer, price } = this
    const { broken } = annealer.state
    if (price === Number.POSITIVE_INFINITY) return
    const target = breaks * Math.max(0, 1 - position / breaksEnd)
    const factor = broken <= target ? 1 / 1.01 : target > 0 ? 1.01 : 1.1
    this.price = Math.max(annealer.temperature / 2, price * factor)
    if (position > breaksEnd && broken === 0) this.price = Number.POSITIVE_INFINITY
    else if (position > breaksLate) this.end()
    annealer.structurePrice = this.price
  }

  /** What is broken now will stay so: the search goes on from the best. */
  end(): void {
    this.price = Number.POSITIVE_INFINITY
    this.annealer.structurePrice = this.price
    if (this.annealer.state.broken > 0) this.annealer.restart()
  }
}

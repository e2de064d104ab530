import { Layout } from '../model/layout'
import type { Model } from '../model/model'
import { Climb } from './climb'
import { type BalanceGoal, Loads, type Score } from './goal'
import { order } from './order'
import { type Heat, Refine } from './refine'
import { type Fit, isFewest, relieve } from './relieve'
import { ruin } from './ruin'
import { type Piece, piecesOf, Way } from './way'

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
  /** Of the random numbers with which a plan is made cheaper; absent: always the same. */
  seed?: number
}

/** How a plan is begun: how much the cost of a move counts (the exponent), and how overloads are taken away first. */
interface Start {
  thrift: number
  fit: Fit | null
}

const evening: Start[] = [0.6, 0.8, 0.4].map((thrift) => ({ thrift, fit: null }))
/** Where only overloads count, the fewest moves do. */
const hasty = 0.05
const relieving: Start[] = [
  { thrift: hasty, fit: 'tight' },
  { thrift: hasty, fit: null },
  { thrift: hasty, fit: 'roomy' },
]
/** For overloads that are left. In moves; the score is the share of hosts that is over the limits. */
const hot: Heat = { from: 1, to: 0.1, score: 10 }
/** Clusters with more units than this are gone through once only. */
const many = 2_000
const rounding = 1e-9

/**
 * Which moves, in which order, even out the load, or take overloads away. Every state on the way is feasible, strict rules
 * that hold go on holding, wishes are not worsened, and no VM moves twice. The same input and seed give the same plan.
 *
 * First steps are taken by what they gain for their price; then where everything ended up is made cheaper; then the moves
 * that are left are brought into an order. The plan that reaches what is aimed at for the least cost is taken.
 */
export function balance(model: Model, goal: BalanceGoal, options: BalanceOptions = {}): BalancePlan {
  const { mayGoOn = () => true, seed = 0 } = options
  const loads = new Loads(model, goal)
  const pieces = piecesOf(loads, options.movable)
  const weight = weightOf(goal, pieces)
  const best = new Best(loads.score(), weight)
  const overload = goal.aim === 'overload'
  const isDone = (way: Way) => way.moves.length < 2 || (overload && isFewest(loads, pieces, way))
  const fresh = () => new Way(new Layout(model), new Loads(model, goal))
  const improve = (targets: ReadonlyMap<Piece, number>, thrift: number, heat: Heat | null): void => {
    const way = fresh()
    order(way, new Refine(loads, pieces, targets, weight, { mayGoOn, heat, seed }).run(), thrift)
    new Climb(way, pieces, thrift, mayGoOn).run()
    best.offer(way, thrift)
  }
  const starts = overload ? relieving : evening
  for (const { thrift, fit } of pieces.length > many ? starts.slice(0, 1) : starts) {
    if (best.way && !mayGoOn()) break
    const way = fresh()
    if (fit) relieve(way, pieces, fit, mayGoOn)
    new Climb(way, pieces, thrift, mayGoOn).run()
    best.offer(way, thrift)
    if (overload && isDone(best.way!)) break
    if (overload && mayGoOn()) improve(way.targets, thrift, null)
  }
  const found = best.way!
  if (!overload && !isDone(found) && mayGoOn()) improve(found.targets, best.thrift, null)
  const isLeft = overload && best.after.total > rounding && best.after.total < best.before.total
  if (isLeft && pieces.length <= many && mayGoOn()) improve(found.targets, hasty, hot)
  if (overload && pieces.length <= many && !isDone(best.way!) && mayGoOn())
    improve(ruin(loads, pieces, best.way!.targets, weight, { mayGoOn, seed }), hasty, null)
  return { moves: best.way!.moves, before: best.before, after: best.after, stopped: !mayGoOn() }
}

/** What moving a unit counts: what it costs, or, where only overloads count, that it moves, and the cost only beside that. */
function weightOf({ aim }: BalanceGoal, pieces: readonly Piece[]): (piece: Piece) => number {
  if (aim === 'spread') return ({ cost }) => cost
  const all = pieces.reduce((sum, { cost }) => sum + cost, 1)
  return ({ unit, cost }) => unit.vms.length + cost / all
}

/** The best of several ways. */
class Best {
  way: Way | null = null
  thrift = 0
  after: Score
  #weight = 0

  constructor(
    readonly before: Score,
    private readonly weight: (piece: Piece) => number,
  ) {
    this.after = before
  }

  /** A lower score is better; between scores that are about as good the one that costs less. */
  offer(way: Way, thrift: number): void {
    const after = way.loads.score()
    const weight = [...way.targets.keys()].reduce((sum, piece) => sum + this.weight(piece), 0)
    const alike = this.before.total * 0.02
    const lower = after.total < this.after.total - alike
    const cheaper = after.total <= this.after.total + alike && weight < this.#weight
    if (this.way && !lower && !cheaper) return
    this.way = way
    this.thrift = thrift
    this.after = after
    this.#weight = weight
  }
}

import { Layout } from '../model/layout'
import type { Model } from '../model/model'
import { Climb } from './climb'
import { type BalanceGoal, Loads, type Score } from './goal'
import { order } from './order'
import { Refine } from './refine'
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
}

/** How much the cost of a move counts against its gain: the exponent of the cost. Each is tried. */
const thrifts = [0.6, 0.8, 0.4]
/** Where only overloads count, the fewest moves do. */
const hasty = 0.05
/** Clusters with more units than this are gone through once only. */
const many = 2_000

/**
 * Which moves, in which order, even out the load, or take overloads away. Every state on the way is feasible, strict rules that hold go on
 * holding, wishes are not worsened, and no VM moves twice. The same input gives the same plan.
 *
 * First steps are taken by what they gain for their price; then where everything ended up is made cheaper; then the moves that are
 * left are brought into an order. The plan that reaches what is aimed at for the least cost is taken.
 */
export function balance(model: Model, goal: BalanceGoal, options: BalanceOptions = {}): BalancePlan {
  const { mayGoOn = () => true } = options
  const loads = new Loads(model, goal)
  const before = loads.score()
  const pieces = piecesOf(loads, options.movable)
  const weight = weightOf(goal, pieces)
  const best = new Best(before, weight)
  const all = goal.aim === 'overload' ? [hasty] : thrifts
  for (const thrift of pieces.length > many ? all.slice(0, 1) : all) {
    if (best.way && !mayGoOn()) break
    const way = new Way(new Layout(model), new Loads(model, goal))
    const climb = new Climb(way, pieces, thrift, mayGoOn)
    climb.run()
    best.offer(way, thrift, climb.stopped)
  }
  const { way, thrift, stopped } = best
  if (stopped || way!.moves.length < 2 || !mayGoOn())
    return { ...best.plan(), stopped: !mayGoOn() || stopped }
  const refined = new Refine(loads, pieces, way!.targets, weight, mayGoOn).run()
  const again = new Way(new Layout(model), new Loads(model, goal))
  order(again, refined, thrift)
  new Climb(again, pieces, thrift, mayGoOn).run()
  best.offer(again, thrift, !mayGoOn())
  return best.plan()
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
  stopped = false
  #after: Score
  #weight = 0

  constructor(
    private readonly before: Score,
    private readonly weight: (piece: Piece) => number,
  ) {
    this.#after = before
  }

  /** A lower score is better; between scores that are about as good the one that costs less. */
  offer(way: Way, thrift: number, stopped: boolean): void {
    const after = way.loads.score()
    const weight = [...way.targets.keys()].reduce((sum, piece) => sum + this.weight(piece), 0)
    const alike = this.before.total * 0.02
    const lower = after.total < this.#after.total - alike
    const cheaper = after.total <= this.#after.total + alike && weight < this.#weight
    if (this.way && !lower && !cheaper) return
    this.way = way
    this.thrift = thrift
    this.stopped = stopped
    this.#after = after
    this.#weight = weight
  }

  plan(): BalancePlan {
    return { moves: this.way!.moves, before: this.before, after: this.#after, stopped: this.stopped }
  }
}

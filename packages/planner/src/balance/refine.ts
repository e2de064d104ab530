import { Layout } from '../model/layout'
import { randomOf } from '../model/random'
import { Loads } from './goal'
import { type Piece, wishesBroken } from './way'

/** So many tries for each unit, but no more than that. */
const triesPerPiece = 75
const mostTries = 150_000
const hotTriesPerPiece = 300
const rounding = 1e-9

/** How it is looked for: only ever downhill, or also uphill at first, and through states that reach less. */
export interface Heat {
  /** By how much dearer a plan may become, about, at the beginning and at the end. */
  from: number
  to: number
  /** What a unit of the score counts meanwhile. */
  score: number
}

export interface RefineOptions {
  mayGoOn: () => boolean
  heat: Heat | null
  /** Of the random numbers. */
  seed: number
}

/**
 * Makes a plan cheaper that reaches as much: drops moves that are not needed, puts others in their place, or one in the place of
 * two. It looks at where everything ends up, not at the order of moves. Goes from one state to another that costs no more, or
 * with `heat` may cost more for a while; drawn at random, the same for a seed.
 */
export class Refine {
  readonly #layout: Layout
  readonly #loads: Loads
  readonly #width: number
  readonly #home: Int32Array
  readonly #at: Int32Array
  readonly #weights: Float64Array
  /** By unit and metric. */
  readonly #sizes: Float64Array
  /** By host: the units whose home it is, from `#first[host]` on. */
  readonly #on: Int32Array
  readonly #first: Int32Array
  readonly #moved: number[] = []
  /** By unit: its place among those that are moved; -1: it is at home. */
  readonly #place: Int32Array
  readonly #random: () => number
  readonly #most: number
  #total: number
  #weight = 0
  /** What is tried: up to three units, where each would be, and where it is. */
  readonly #try = new Int32Array(3)
  readonly #to = new Int32Array(3)
  readonly #was = new Int32Array(3)
  #count = 0

  /** `targets`: where units go. `weight`: what moving one counts. */
  constructor(
    loads: Loads,
    private readonly pieces: readonly Piece[],
    targets: ReadonlyMap<Piece, number>,
    weight: (piece: Piece) => number,
    private readonly how: RefineOptions,
  ) {
    const { model, goal } = loads
    const { metrics } = goal
    this.#layout = new Layout(model)
    this.#loads = new Loads(model, goal)
    this.#width = metrics.length
    this.#random = randomOf(pieces.length + 1 + how.seed)
    this.#home = Int32Array.from(pieces, ({ home }) => home)
    this.#at = this.#home.slice()
    this.#place = new Int32Array(pieces.length).fill(-1)
    this.#weights = Float64Array.from(pieces, weight)
    this.#sizes = new Float64Array(pieces.length * metrics.length)
    this.#first = new Int32Array(model.hosts.length + 1)
    for (const home of this.#home) this.#first[home + 1]! += 1
    for (let host = 0; host < model.hosts.length; host += 1) this.#first[host + 1]! += this.#first[host]!
    this.#on = new Int32Array(pieces.length)
    const next = this.#first.slice()
    for (const [i, { unit, home }] of pieces.entries()) {
      this.#on[next[home]!++] = i
      for (const [m, { resource }] of metrics.entries())
        this.#sizes[i * metrics.length + m] = unit.size[resource]!
    }
    for (const [i, piece] of pieces.entries()) {
      const to = targets.get(piece)
      if (to !== undefined && to !== piece.home) this.#put(i, to)
    }
    this.#total = this.#loads.total()
    this.#most = this.#total + rounding
  }

  /** Where units go after all. */
  run(): Map<Piece, number> {
    const { mayGoOn, heat } = this.how
    const each = heat ? hotTriesPerPiece : triesPerPiece
    const most = Math.min(mostTries, each * this.pieces.length)
    let best = { total: this.#total, weight: this.#weight, targets: this.#targets() }
    for (let i = 0; i < most && (this.#moved.length > 0 || heat); i += 1) {
      if (i % 2_048 === 2_047 && !mayGoOn()) break
      this.#draw()
      const more = this.#weighed()
      const warm = heat ? heat.from * (heat.to / heat.from) ** (i / most) : 0
      // How much dearer it may become is drawn first, so that most of what is tried costs nothing to refuse.
      const bar = heat ? -warm * Math.log(1 - this.#random()) : rounding
      if (more - (heat?.score ?? 0) * this.#total > bar) continue
      const total = this.#reached()
      const good = heat ? more + heat.score * (total - this.#total) <= bar : total <= this.#most
      if (!good || !this.#isAllowed()) continue
      for (let j = 0; j < this.#count; j += 1) this.#put(this.#try[j]!, this.#to[j]!)
      this.#total = total
      const lower = total < best.total - rounding
      if (lower || (total <= best.total + rounding && this.#weight < best.weight - rounding))
        best = { total, weight: this.#weight, targets: heat ? this.#targets() : best.targets }
    }
    return heat ? best.targets : this.#targets()
  }

  #targets(): Map<Piece, number> {
    return new Map(this.#moved.map((i) => [this.pieces[i]!, this.#at[i]!]))
  }

  #below(bound: number): number {
    return Math.floor(this.#random() * bound)
  }

  #anyOn(host: number): number {
    const from = this.#first[host]!
    return this.#on[from + this.#below(this.#first[host + 1]! - from)] ?? 0
  }

  #add(piece: number, to: number): void {
    for (let i = 0; i < this.#count; i += 1) if (this.#try[i] === piece) return
    this.#try[this.#count] = piece
    this.#to[this.#count] = to
    this.#was[this.#count] = this.#at[piece]!
    this.#count += 1
  }

  /** Draws a change of the plan: of one moved unit, with what might take its place. */
  #draw(): void {
    const hosts = this.#layout.accepts.length
    this.#count = 0
    if (this.how.heat && (this.#moved.length === 0 || this.#random() < 0.2)) {
      this.#add(this.#anyOn(this.#below(hosts)), this.#below(hosts))
      return
    }
    const one = this.#moved[this.#below(this.#moved.length)]!
    const home = this.#home[one]!
    const to = this.#at[one]!
    const kind = this.#random()
    if (kind < 0.15) this.#add(one, home)
    else if (kind < 0.3) this.#add(one, this.#below(hosts))
    else if (kind < 0.8) {
      this.#add(one, home)
      const other = this.#anyOn(kind < 0.7 ? home : this.#below(hosts))
      this.#add(other, kind < 0.58 || kind >= 0.7 ? to : this.#below(hosts))
    } else {
      const other = this.#moved[this.#below(this.#moved.length)]!
      const there = this.#at[other]!
      if (kind < 0.87) {
        this.#add(one, there)
        this.#add(other, to)
      } else {
        this.#add(one, home)
        this.#add(other, this.#home[other]!)
        this.#add(this.#anyOn(home), kind < 0.94 ? to : there)
      }
    }
  }

  /** By how much dearer the change makes the plan. */
  #weighed(): number {
    let weight = 0
    for (let i = 0; i < this.#count; i += 1) {
      const piece = this.#try[i]!
      if (this.#to[i] !== this.#home[piece]) weight += this.#weights[piece]!
      if (this.#was[i] !== this.#home[piece]) weight -= this.#weights[piece]!
    }
    return weight
  }

  /** The score's total after the change. */
  #reached(): number {
    const loads = this.#loads
    for (let i = 0; i < this.#count; i += 1)
      loads.moveBy(this.#sizes, this.#try[i]! * this.#width, this.#was[i]!, this.#to[i]!)
    const total = loads.total()
    for (let i = this.#count - 1; i >= 0; i -= 1)
      loads.moveBy(this.#sizes, this.#try[i]! * this.#width, this.#to[i]!, this.#was[i]!)
    return total
  }

  /** Whether all hold at once: room, strict rules, and wishes no less than at home. */
  #isAllowed(): boolean {
    const layout = this.#layout
    for (let i = 0; i < this.#count; i += 1) layout.take(this.pieces[this.#try[i]!]!.unit)
    let allowed = true
    let put = 0
    for (; put < this.#count && allowed; put += 1) {
      const { unit, home } = this.pieces[this.#try[put]!]!
      const to = this.#to[put]!
      allowed =
        layout.accepts[to] === 1 &&
        layout.holds(unit, to) &&
        (to === home || layout.obeys(unit, to)) &&
        (!unit.hostCost || unit.hostCost[to]! <= unit.hostCost[home]!) &&
        wishesBroken(layout, unit, to) <= wishesBroken(layout, unit, home)
      layout.put(unit, to)
    }
    for (let i = 0; i < put; i += 1) layout.take(this.pieces[this.#try[i]!]!.unit)
    for (let i = 0; i < this.#count; i += 1) layout.put(this.pieces[this.#try[i]!]!.unit, this.#was[i]!)
    return allowed
  }

  #put(piece: number, to: number): void {
    const from = this.#at[piece]!
    const home = this.#home[piece]!
    if (from === to) return
    const { unit } = this.pieces[piece]!
    this.#layout.take(unit)
    this.#layout.put(unit, to)
    this.#loads.move(unit.size, from, to)
    this.#at[piece] = to
    if (from === home) this.#weight += this.#weights[piece]!
    else if (to === home) this.#weight -= this.#weights[piece]!
    if (from === home) {
      this.#place[piece] = this.#moved.length
      this.#moved.push(piece)
    } else if (to === home) {
      const last = this.#moved.pop()!
      if (last !== piece) {
        this.#moved[this.#place[piece]!] = last
        this.#place[last] = this.#place[piece]!
      }
      this.#place[piece] = -1
    }
  }
}

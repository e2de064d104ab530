import type { Loads } from './goal'
import { type Leg, mayGo, type Piece, type Way } from './way'

/** How many sets of units are looked at for a host, and how many of those that would do are tried out. */
export interface Effort {
  looks: number
  tryOuts: number
  /** From 0 to 1: not always what looks best is taken. Absent: it is. */
  chance?: () => number
}

const thorough: Effort = { looks: 20_000, tryOuts: 400 }
/** No more units than this are moved off one host at once. */
const together = 12
/** Of each host so many units are thought of as making room. */
const yielding = 24
const rounding = 1e-9
/** How much chance weighs beside the room that is left, as a share of a host. */
const luck = 0.2

/** Where units go: where most room is left, or where least is, which keeps room together for large ones. */
export type Fit = 'roomy' | 'tight'

/**
 * Takes overloads away, host by host, each with the fewest moves: the fewest units whose leaving is enough, to hosts that they do not
 * overload. Where those have no room, something is moved away there first, if that is no more than moving one unit more.
 */
export function relieve(
  way: Way,
  pieces: readonly Piece[],
  fit: Fit,
  mayGoOn: () => boolean,
  effort: Effort = thorough,
): void {
  const { loads, layout } = way
  const on: Piece[][] = layout.model.hosts.map(() => [])
  for (const piece of pieces) if (!way.targets.has(piece)) on[piece.home]!.push(piece)
  const hard = new Set<number>()
  for (;;) {
    const host = worst(loads, hard, effort.chance)
    if (host < 0 || !mayGoOn()) return
    const found = new Relief(way, on, host, fit, effort).find()
    if (!found || way.moves.length + countOf(found.flat()) > loads.goal.maxMoves) {
      hard.add(host)
      continue
    }
    for (const legs of found) {
      const before = loads.score()
      for (const { piece, from, to } of legs) {
        way.go(piece, from, to)
        on[from]!.splice(on[from]!.indexOf(piece), 1)
      }
      way.note(legs, before, loads.score())
    }
  }
}

/** Whether no plan takes all overloads away with fewer moves: each host's own largest units are as many. */
export function isFewest(loads: Loads, pieces: readonly Piece[], way: Way): boolean {
  if (way.loads.total() > rounding) return false
  const { metrics } = loads.goal
  const needed = new Map<number, number>()
  for (const [m, { resource }] of metrics.entries())
    for (let host = 0; host < loads.counts.length; host += 1) {
      let over = loads.counts[host] ? loads.overOf(m, host) : 0
      if (over <= rounding) continue
      const shares = pieces
        .filter(({ home }) => home === host)
        .map(({ unit }) => (unit.size[resource]! * loads.inverse(m, host)) / unit.vms.length)
        .sort((a, b) => b - a)
      let count = 0
      for (; over > rounding && count < shares.length; count += 1) over -= shares[count]!
      needed.set(host, Math.max(needed.get(host) ?? 0, count))
    }
  return way.moves.length <= [...needed.values()].reduce((sum, count) => sum + count, 0)
}

function countOf(legs: readonly Leg[]): number {
  return legs.reduce((sum, { piece }) => sum + piece.unit.vms.length, 0)
}

/** The host that is most over its limits, of those that are not known to be too hard. */
function worst(loads: Loads, hard: ReadonlySet<number>, chance: () => number = () => 1): number {
  let found = -1
  let most = 0
  for (let host = 0; host < loads.counts.length; host += 1) {
    if (!loads.counts[host] || hard.has(host)) continue
    const over = excessOf(loads, host)
    if (over <= rounding) continue
    const weight = over * chance()
    if (found < 0 || weight > most) [found, most] = [host, weight]
  }
  return found
}

function excessOf(loads: Loads, host: number): number {
  let sum = 0
  for (let m = 0; m < loads.goal.metrics.length; m += 1) sum += loads.overOf(m, host)
  return sum
}

/** Looks for the fewest moves that relieve one host. */
class Relief {
  readonly #width: number
  /** By metric: what has to leave, as a share of the host. */
  readonly #needs: number[]
  readonly #pieces: Piece[]
  #looks = 0
  #tried = 0

  constructor(
    private readonly way: Way,
    private readonly on: readonly (readonly Piece[])[],
    private readonly host: number,
    private readonly fit: Fit,
    private readonly effort: Effort,
  ) {
    const { loads } = way
    this.#width = loads.goal.metrics.length
    this.#needs = loads.goal.metrics.map((_, m) => loads.overOf(m, host))
    const tightest = this.#needs.indexOf(Math.max(...this.#needs))
    this.#pieces = on[host]!.filter((piece) => this.#share(piece, tightest) > 0).sort(
      (a, b) => this.#share(b, tightest) - this.#share(a, tightest) || a.unit.vms[0]! - b.unit.vms[0]!,
    )
  }

  /** What a unit takes of the host by a metric. */
  #share({ unit }: Piece, m: number): number {
    const { loads } = this.way
    return unit.size[loads.goal.metrics[m]!.resource]! * loads.inverse(m, this.host)
  }

  /** In steps. */
  find(): Leg[][] | null {
    const most = Math.min(together, this.#pieces.length)
    for (let count = 1; count <= most; count += 1) {
      this.#looks = 0
      this.#tried = 0
      const alone = this.#choose(count, false)
      if (alone) return alone
      if (count < 2) continue
      this.#looks = 0
      this.#tried = 0
      const withRoom = this.#choose(count - 1, true)
      if (withRoom) return withRoom
    }
    return null
  }

  /** The cheapest of the sets of so many units that are enough and find a place. */
  #choose(count: number, makeRoom: boolean): Leg[][] | null {
    const chosen: Piece[] = []
    let best: Leg[][] | null = null
    let least = Number.POSITIVE_INFINITY
    const tails = this.#tails(count)
    const go = (from: number, needs: readonly number[]): void => {
      if (this.#looks > this.effort.looks || this.#tried > this.effort.tryOuts) return
      this.#looks += 1
      const left = count - chosen.length
      if (left === 0) {
        if (needs.some((need) => need > rounding)) return
        const { chance } = this.effort
        const liking = chance ? 0.2 + chance() : 1
        const cost = liking * chosen.reduce((sum, piece) => sum + piece.cost, 0)
        if (cost >= least) return
        this.#tried += 1
        const steps = this.#settle(chosen, makeRoom)
        const all = liking * (steps ?? []).flat().reduce((sum, { piece }) => sum + piece.cost, 0)
        if (steps && all < least) [best, least] = [steps, all]
        return
      }
      for (let i = from; i + left <= this.#pieces.length; i += 1) {
        // What comes after is no larger: where even the largest of it are not enough, nothing is.
        if (needs.some((need, m) => need > tails[m]![i]![left]! + rounding)) {
          if (this.#width === 1) return
          continue
        }
        chosen.push(this.#pieces[i]!)
        go(
          i + 1,
          needs.map((need, m) => need - this.#share(this.#pieces[i]!, m)),
        )
        chosen.pop()
      }
    }
    go(0, this.#needs)
    return best
  }

  /** By metric, by place and number: the most that so many units from that place on take. */
  #tails(count: number): number[][][] {
    return this.#needs.map((_, m) => {
      const sums: number[][] = []
      let largest: number[] = []
      for (let i = this.#pieces.length - 1; i >= 0; i -= 1) {
        largest = [...largest, this.#share(this.#pieces[i]!, m)].sort((a, b) => b - a).slice(0, count)
        const sum = [0]
        for (let k = 0; k < count; k += 1) sum.push(sum[k]! + (largest[k] ?? 0))
        sums[i] = sum
      }
      return sums
    })
  }

  /** A place for each of these, in this order; with `makeRoom`, one more unit may move out of the way before. */
  #settle(chosen: readonly Piece[], makeRoom: boolean): Leg[][] | null {
    const { way } = this
    const steps: Leg[][] = []
    const take = (legs: Leg[]) => {
      for (const { piece, from, to } of legs) way.go(piece, from, to)
      steps.push(legs)
    }
    let made = !makeRoom
    let failed = false
    for (const piece of chosen) {
      const to = this.#place(piece, this.host)
      if (to >= 0) {
        take([{ piece, from: this.host, to }])
        continue
      }
      const room: Leg[] | null = made ? null : this.#room(piece, chosen)
      made = true
      failed = room === null
      if (!room) break
      take(room)
    }
    for (const { piece, from, to } of steps.flat().reverse()) way.go(piece, to, from)
    return failed ? null : steps
  }

  /** The host that is left with the most room, or the least, of those that the unit overloads in nothing. */
  #place(piece: Piece, from: number, besides = -1): number {
    const { layout, loads } = this.way
    let best = -1
    let most = Number.NEGATIVE_INFINITY
    for (let host = 0; host < loads.counts.length; host += 1) {
      if (host === from || host === besides || !loads.counts[host]) continue
      const room = this.#roomLeft(piece, host)
      const value = (this.fit === 'roomy' ? room : -room) + luck * (this.effort.chance?.() ?? 0)
      if (value <= most || room < -rounding || !mayGo(layout, piece.unit, from, host)) continue
      best = host
      most = value
    }
    return best
  }

  /** What is left to the nearest limit once the unit is there; below zero: it would be overloaded, or more so. `without` leaves it. */
  #roomLeft({ unit }: Piece, host: number, without: Piece | null = null): number {
    const { loads } = this.way
    let room = Number.POSITIVE_INFINITY
    for (let m = 0; m < this.#width; m += 1) {
      const { limit, resource } = loads.goal.metrics[m]!
      const net = unit.size[resource]! - (without ? without.unit.size[resource]! : 0)
      const by = net * loads.inverse(m, host)
      if (by <= 0) continue
      room = Math.min(room, (limit ?? 1e9) - loads.of(m, host) - by)
    }
    return room
  }

  /** One unit leaves a host, to a third one, so that `piece` can go there. */
  #room(piece: Piece, chosen: readonly Piece[]): Leg[] | null {
    const { way } = this
    const { layout, loads } = way
    let best: Leg[] | null = null
    let least = Number.POSITIVE_INFINITY
    for (let to = 0; to < loads.counts.length; to += 1) {
      if (to === this.host || !loads.counts[to] || !layout.accepts[to]) continue
      const candidates = this.on[to]!.filter(
        (other) =>
          other.cost < least &&
          !chosen.includes(other) &&
          layout.hostOf(other.unit) === to &&
          this.#roomLeft(piece, to, other) >= -rounding,
      ).sort((a, b) => a.cost - b.cost)
      for (const other of candidates.slice(0, yielding)) {
        if (other.cost >= least) break
        const third = this.#place(other, to, this.host)
        if (third < 0) continue
        way.go(other, to, third)
        if (this.#roomLeft(piece, to) >= -rounding && mayGo(layout, piece.unit, this.host, to)) {
          best = [
            { piece: other, from: to, to: third },
            { piece, from: this.host, to },
          ]
          least = other.cost
        }
        way.go(other, third, to)
      }
    }
    return best
  }
}

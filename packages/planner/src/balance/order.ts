import { type Leg, mayGo, type Piece, type Way } from './way'

const tiny = 1e-12
/** Pairs are looked at only where there are so few units left. */
const pairable = 200

/**
 * The order in which units go where they are to go: what is worth most first, each only when it fits and is allowed as things are
 * then. Two that gain nothing alone go as one step where they gain together. What cannot go, or gains too little, stays.
 */
export function order(way: Way, targets: ReadonlyMap<Piece, number>, thrift: number): void {
  const { layout, loads } = way
  const { goal } = loads
  const left: (Leg & { worth: number; round: number })[] = [...targets].map(([piece, to]) => ({
    piece,
    from: piece.home,
    to,
    worth: Number.POSITIVE_INFINITY,
    round: 0,
  }))
  let now = loads.score()
  for (let round = 1; left.length > 0; round += 1) {
    const least = Math.max(goal.minGain, goal.minShare * now.total, tiny)
    const worthOf = ({ piece, from, to }: Leg): number => {
      const gain = loads.gain(piece.unit.size, from, to)
      if (gain <= least * piece.unit.vms.length || !mayGo(layout, piece.unit, from, to)) return 0
      return gain / piece.cost ** thrift
    }
    let legs: Leg[] | null = null
    for (let fresh = false; !legs; ) {
      let best = -1
      for (let i = 0; i < left.length; i += 1)
        if (left[i]!.worth > 0 && (best < 0 || left[i]!.worth > left[best]!.worth)) best = i
      const leg = left[best]
      if (leg?.round === round) legs = [leg]
      else if (leg) {
        leg.worth = worthOf(leg)
        leg.round = round
      } else if (!fresh) {
        fresh = true
        for (const other of left) if (other.round !== round) other.worth = Number.POSITIVE_INFINITY
      } else break
    }
    legs ??= left.length <= pairable ? pair(way, left, least) : null
    if (!legs) return
    const count = legs.reduce((sum, { piece }) => sum + piece.unit.vms.length, 0)
    if (way.moves.length + count > goal.maxMoves) return
    for (const { piece, from, to } of legs) {
      way.go(piece, from, to)
      left.splice(
        left.findIndex((other) => other.piece === piece),
        1,
      )
      // What had no room there may have it now.
      for (const other of left)
        if (other.to === from && other.worth === 0) other.worth = Number.POSITIVE_INFINITY
    }
    const after = loads.score()
    way.note(legs, now, after)
    now = after
  }
}

/** Two that go one after the other and gain together, the most for their number. */
function pair({ layout, loads }: Way, left: readonly Leg[], least: number): Leg[] | null {
  let best: Leg[] | null = null
  let most = 0
  const before = loads.total()
  for (const one of left) {
    const { unit } = one.piece
    if (!mayGo(layout, unit, one.from, one.to)) continue
    loads.move(unit.size, one.from, one.to)
    const between = before - loads.total()
    for (const other of left) {
      if (other === one) continue
      const gain = between + loads.gain(other.piece.unit.size, other.from, other.to)
      const count = unit.vms.length + other.piece.unit.vms.length
      if (gain <= least * count || gain <= most) continue
      layout.take(unit)
      layout.put(unit, one.to)
      if (mayGo(layout, other.piece.unit, other.from, other.to)) {
        most = gain
        best = [one, other]
      }
      layout.take(unit)
      layout.put(unit, one.from)
    }
    loads.move(unit.size, one.to, one.from)
  }
  return best
}

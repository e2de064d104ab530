import { Layout } from '../model/layout'
import { randomOf } from '../model/random'
import { Loads } from './goal'
import { relieve } from './relieve'
import { type Piece, Way } from './way'

/** For each move of a plan, so often a part of it is thrown away and made again; it ends after so many times without a better one. */
const roundsPerMove = 20
const patiencePerMove = 8
const mostRounds = 300
/** How thoroughly it is made again. */
const effort = { looks: 1_500, tryOuts: 30 }
const rounding = 1e-9

/**
 * Fewer moves against the same overloads: those of a few hosts are taken back, and the hosts that are overloaded then are relieved
 * anew. What is no worse is kept. Drawn at random, the same for a seed.
 */
export function ruin(
  { model, goal }: Loads,
  pieces: readonly Piece[],
  start: ReadonlyMap<Piece, number>,
  weight: (piece: Piece) => number,
  { mayGoOn, seed }: { mayGoOn: () => boolean; seed: number },
): Map<Piece, number> {
  const random = randomOf(pieces.length + seed)
  const weigh = (targets: ReadonlyMap<Piece, number>) =>
    [...targets.keys()].reduce((sum, piece) => sum + weight(piece), 0)
  const build = (targets: ReadonlyMap<Piece, number>): Way => {
    const way = new Way(new Layout(model), new Loads(model, goal))
    for (const [piece, to] of targets) {
      way.go(piece, piece.home, to)
      way.targets.set(piece, to)
    }
    return way
  }
  let best = new Map(start)
  let least = weigh(best)
  let total = build(best).loads.total()
  let idle = 0
  const rounds = Math.min(mostRounds, roundsPerMove * best.size)
  const patience = patiencePerMove * best.size
  for (let round = 0; round < rounds && idle < patience && best.size > 1 && mayGoOn(); round += 1) {
    const moved = [...best.keys()]
    const hosts = new Set<number>()
    for (let n = 1 + Math.floor(random() * 3); n > 0; n -= 1) {
      const piece = moved[Math.floor(random() * moved.length)]!
      hosts.add(piece.home).add(best.get(piece)!)
    }
    const kept = new Map([...best].filter(([piece, to]) => !hosts.has(piece.home) && !hosts.has(to)))
    const way = build(kept)
    relieve(way, pieces, random() < 0.5 ? 'tight' : 'roomy', mayGoOn, { ...effort, chance: random })
    const next = way.targets
    const reached = way.loads.total()
    const cost = weigh(next)
    idle += 1
    if (reached > total + rounding || (reached > total - rounding && cost > least + rounding)) continue
    if (reached < total - rounding || cost < least - 0.5) idle = 0
    best = new Map(next)
    least = cost
    total = reached
  }
  return best
}

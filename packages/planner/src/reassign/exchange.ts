import type { Annealer } from './anneal'
import type { Assignment } from './assignment'

/** More processes than this are not exchanged for one. */
const mostEjected = 12
const moved = new Int32Array(mostEjected + 1)

/**
 * Proposes that process p goes to machine b and as many processes of b as must make room go to p's machine. A large
 * process cannot be placed otherwise: no single other one is worth it.
 */
export function exchange(annealer: Annealer, p: number, b: number): void {
  const { state, random, best, problem } = annealer
  const { service, resources, serviceMoveWeight } = problem
  const a = state.at[p]!
  const hard = annealer.structurePrice === Number.POSITIVE_INFINITY
  if (a === b || state.structure.meets(service[p]!, b)) return
  let structure = state.structure.delta(service[p]!, a, b)
  if (structure > 0 && hard) return
  const mostAway = state.away.most
  // Half of the time room is made up to the safety capacity.
  const toSafety = (random.bits() & 1) === 1
  let direct = state.moveTerm(p, b) - state.moveTerm(p, a)
  let held = annealer.holds(p, a, b)
  best.leaves(p)
  state.relocate(p, b)
  moved[0] = p
  let count = 1
  for (let q = state.firstOn[b]!, next = -1; q >= 0 && count <= mostEjected; q = next) {
    next = state.nextOn[q]!
    if (!isShort(state, b, toSafety)) break
    // Not always the same ones.
    if (q === p || (random.bits() & 3) === 0) continue
    if (state.structure.meets(service[q]!, a) || !state.fits(q, a, -1)) continue
    direct += state.moveTerm(q, a) - state.moveTerm(q, b)
    held += annealer.holds(q, b, a)
    structure += state.structure.delta(service[q]!, b, a)
    best.leaves(q)
    state.relocate(q, a)
    moved[count++] = q
  }
  let fits = true
  for (let r = 0; r < resources && fits; r++) fits = state.room[b * resources + r]! >= 0
  if (fits && !(structure > 0 && hard)) {
    annealer.feasible++
    const aCost = state.costWith(a, -1, -1)
    const bCost = state.costWith(b, -1, -1)
    const delta =
      direct +
      aCost -
      state.machineCost[a]! +
      bCost -
      state.machineCost[b]! +
      serviceMoveWeight * (state.away.most - mostAway)
    if (annealer.takes(delta, held, structure, annealer.limit())) {
      annealer.took(a, aCost, b, bCost, delta, structure)
      return
    }
  }
  while (--count >= 0) {
    const q = moved[count]!
    best.leaves(q)
    state.relocate(q, q === p ? a : b)
  }
}

function isShort({ problem, room, over }: Assignment, m: number, toSafety: boolean): boolean {
  const { resources } = problem
  for (let i = m * resources; i < (m + 1) * resources; i++)
    if (room[i]! < 0 || (toSafety && over[i]! > 0)) return true
  return false
}

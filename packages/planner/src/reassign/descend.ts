import type { Annealer } from './anneal'
import type { Assignment } from './assignment'
import type { Random } from './random'

/** So many shifts are looked at, at most. */
const mostLooks = 2_000_000

/**
 * Makes the best shift of all, again and again until none gains or the time is over: what very few moves can do. Where a
 * look at all shifts would take too long, nothing.
 */
export function* descend(annealer: Annealer, mayGoOn: () => boolean): Generator<undefined, void> {
  const { state, problem } = annealer
  const { processes, machines } = problem
  annealer.temperature = 0
  for (let looks = processes * machines; looks <= mostLooks; looks += processes * machines) {
    let least = 0
    let process = -1
    let machine = -1
    for (let p = 0; p < processes; p++) {
      for (let m = 0; m < machines; m++) {
        const delta = state.shiftDelta(p, m)
        if (delta >= least) continue
        least = delta
        process = p
        machine = m
      }
      if ((p & 63) === 0 && !mayGoOn()) return
    }
    if (process < 0) return
    annealer.shift(process, machine)
    yield
  }
}

/** The mean rise of the cost over random shifts that fit and make it rise; 1 where there is none. */
export function typicalRise(state: Assignment, random: Random): number {
  const { processes, machines } = state.problem
  let sum = 0
  let rises = 0
  for (let k = 0; k < 20_000; k++) {
    const delta = state.shiftDelta(random.below(processes), random.below(machines))
    if (delta <= 0 || delta === Number.POSITIVE_INFINITY) continue
    sum += delta
    rises++
  }
  return rises === 0 ? 1 : sum / rises
}

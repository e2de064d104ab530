import { randomOf } from '../../testing/random'
import { violationsOfAssignment } from '../judge'
import type { Problem } from '../problem'
import { readAssignment, readModel } from '../read'

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0))

/** A problem in the challenge's own format, and its initial assignment. */
export const problemOf = (model: string, assignment: string): Problem =>
  readAssignment(bytes(assignment), 'assignment', readModel(bytes(model), 'model'))

export interface Shape {
  machines: number
  processes: number
  services: number
  resources: number
  /** Hardly any room is left on any machine, and most resources are transient. */
  tight?: boolean
}

/** A random problem of that shape, whose initial assignment keeps every constraint, as texts. */
export function randomProblem(
  seed: number,
  { machines, processes, services, resources, tight = false }: Shape,
): [model: string, assignment: string] {
  const random = randomOf(seed)
  const below = (end: number): number => Math.floor(random() * end)
  const list = <T>(length: number, of: (i: number) => T): T[] => Array.from({ length }, (_, i) => of(i))
  const places = list(machines, () => [below(3), below(4)])
  const size = new Int32Array(services)
  const service = list(processes, () => {
    let s = below(services)
    // No service has more processes than there are machines.
    while (size[s] === machines) s = (s + 1) % services
    size[s]!++
    return s
  })
  const on = list(services, () => new Set<number>())
  const at = service.map((s) => {
    let m = below(machines)
    while (on[s]!.has(m)) m = (m + 1) % machines
    on[s]!.add(m)
    return m
  })
  const needs = list(processes, () => list(resources, () => below(random() < 0.1 ? 400 : 40)))
  const used = list(machines, (m) =>
    list(resources, (r) => needs.reduce((sum, need, p) => (at[p] === m ? sum + need[r]! : sum), 0)),
  )
  const near = on.map((set) => new Set([...set].map((m) => places[m]![0]!)))
  const far = on.map((set) => new Set([...set].map((m) => places[m]![1]!)).size)
  const lines = [
    `${resources}`,
    ...list(resources, (r) => `${r === 0 || (tight && r % 3 > 0) ? 1 : 0} ${50 + below(100)}`),
    `${machines}`,
    ...list(machines, (m) => {
      const capacity = used[m]!.map((amount) => amount + (tight ? below(60) : 60 + below(400)))
      const safe = tight && m % 2 === 0 ? 0.98 : 0.3
      const safety = capacity.map((amount) => Math.floor(amount * Math.min(1, safe + 0.5 * random())))
      const costs = list(machines, (to) => (to === m ? 0 : 1 + below(5)))
      return [...places[m]!, ...capacity, ...safety, ...costs].join(' ')
    }),
    `${services}`,
    ...list(services, (s) => {
      const others = list(services, (other) => other).filter(
        (other) => other !== s && random() < 0.4 && [...near[s]!].every((n) => near[other]!.has(n)),
      )
      return [below(far[s]! + 1), others.length, ...others].join(' ')
    }),
    `${processes}`,
    ...list(processes, (p) => [service[p], ...needs[p]!, below(20)].join(' ')),
    '1',
    `0 ${resources - 1} 2 3`,
    '1 10 100',
  ]
  return [lines.join('\n'), at.join(' ')]
}

/** The least cost over all assignments that keep every constraint: tries them all. */
export function leastCost(problem: Problem, costOf: (at: readonly number[]) => number): number {
  const at = Array.from(problem.initial)
  let least = Number.POSITIVE_INFINITY
  const place = (p: number): void => {
    if (p === problem.processes) {
      const cost = costOf(at)
      if (cost < least && violationsOfAssignment(problem, at).length === 0) least = cost
      return
    }
    for (let m = 0; m < problem.machines; m++) {
      at[p] = m
      place(p + 1)
    }
  }
  place(0)
  return least
}

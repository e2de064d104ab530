import { describe, expect, it } from 'vitest'
import { Annealer } from './anneal'
import { Assignment } from './assignment'
import { exchange } from './exchange'
import { costOfAssignment, violationsOfAssignment } from './judge'
import { lowerBound } from './problem'
import { Random } from './random'
import { reassign } from './search'
import { leastCost, problemOf, randomProblem, type Shape } from './testing/problems'

const shape: Shape = { machines: 8, processes: 50, services: 20, resources: 3 }
const seeds = [1, 2, 3, 4, 5, 6, 7, 8]
const mix = { exchanges: 0.1, home: 0.3, siblings: 0.2 }
const within = (most: number) => (made: number) => made / most

/** What the assignment counted along, beside what is counted afresh. */
function expectExact(state: Assignment): void {
  const fresh = new Assignment(state.problem, state.at)
  expect(state.cost).toBe(fresh.cost)
  expect(state.broken).toBe(fresh.broken)
  expect([...state.machineCost]).toEqual([...fresh.machineCost])
  expect([...state.over]).toEqual([...fresh.over])
  expect([...state.room]).toEqual([...fresh.room])
  expect(state.away.most).toBe(fresh.away.most)
  expect(state.cost).toBe(costOfAssignment(state.problem, state.at))
}

describe('an assignment that changes', () => {
  it.each(
    seeds.flatMap((seed) => [
      { seed, room: 'enough', temperature: 1_000, rounds: 30, moves: 200 },
      { seed, room: 'hardly any', temperature: 3_000, rounds: 10, moves: 500 },
    ]),
  )('counts along what is true, and breaks nothing (seed $seed, room: $room)', (run) => {
    const { seed, room, temperature, rounds, moves } = run
    const problem = problemOf(...randomProblem(seed, { ...shape, tight: room !== 'enough' }))
    const annealer = new Annealer(new Assignment(problem), new Random(seed), mix)
    annealer.temperature = temperature
    for (let k = 0; k < rounds; k++) {
      annealer.run(moves)
      expectExact(annealer.state)
      expect(violationsOfAssignment(problem, annealer.state.at)).toEqual([])
    }
    expect(annealer.state.at).not.toEqual(problem.initial)
  })

  it('knows every kind of change by its own', () => {
    const problem = problemOf(...randomProblem(9, shape))
    const annealer = new Annealer(new Assignment(problem), new Random(9), mix)
    annealer.temperature = 1e9
    const random = new Random(10)
    const changed = { shift: 0, swap: 0, exchange: 0 }
    for (let k = 0; k < 3_000; k++) {
      const kind = (['shift', 'swap', 'exchange'] as const)[k % 3]!
      const before = Array.from(annealer.state.at)
      const p = random.below(problem.processes)
      if (kind === 'shift') annealer.shift(p, random.below(problem.machines))
      if (kind === 'swap') annealer.swap(p, random.below(problem.processes))
      if (kind === 'exchange') exchange(annealer, p, random.below(problem.machines))
      if (annealer.state.at.some((m, i) => m !== before[i])) changed[kind]++
      if (k % 50 === 0) expectExact(annealer.state)
    }
    for (const count of Object.values(changed)) expect(count).toBeGreaterThan(20)
    expect(violationsOfAssignment(problem, annealer.state.at)).toEqual([])
  })

  it('counts what is broken while that has a price, and keeps only a best that is whole', () => {
    const problem = problemOf(...randomProblem(11, shape))
    const annealer = new Annealer(new Assignment(problem), new Random(11), mix)
    annealer.temperature = 1_000
    annealer.structurePrice = 100
    let most = 0
    for (let k = 0; k < 50; k++) {
      annealer.run(100)
      most = Math.max(most, annealer.state.broken)
      expectExact(annealer.state)
      const best = annealer.best.assignment()
      expect(violationsOfAssignment(problem, best)).toEqual([])
      expect(costOfAssignment(problem, best)).toBe(annealer.best.cost)
    }
    expect(most).toBeGreaterThan(0)
  })
})

describe('the search', () => {
  it.each([1, 2, 3, 4])('finds the optimum of a tiny problem (seed %i)', (seed) => {
    const problem = problemOf(
      ...randomProblem(seed, { machines: 3, processes: 7, services: 4, resources: 2 }),
    )
    const found = reassign(problem, { seed, elapsed: within(100_000) })
    expect(found.cost).toBe(leastCost(problem, (at) => costOfAssignment(problem, at)))
    expect(found.bound).toBeLessThanOrEqual(found.cost)
  })

  it('finds the optimum where hardly any room is left, and what moved processes hold at home counts', () => {
    const tiny = { machines: 3, processes: 7, services: 4, resources: 3, tight: true }
    let [moved, bound] = [0, 0]
    for (let seed = 1; seed <= 16; seed++) {
      const problem = problemOf(...randomProblem(seed, tiny))
      const least = leastCost(problem, (at) => costOfAssignment(problem, at))
      const found = reassign(problem, { seed, elapsed: within(40_000) })
      expect(found.cost, `seed ${seed}`).toBe(least)
      expect(violationsOfAssignment(problem, found.at)).toEqual([])
      const given = { ...problem, transient: problem.transient.map(() => 0) }
      moved += least < found.initialCost ? 1 : 0
      bound += leastCost(given, (at) => costOfAssignment(given, at)) < least ? 1 : 0
    }
    // The problems are of use: in some something moves, and in some more would if nothing were held at home.
    expect(moved).toBeGreaterThan(2)
    expect(bound).toBeGreaterThan(2)
  })

  it.each(seeds)('keeps every constraint and does not get worse (seed %i)', (seed) => {
    const problem = problemOf(...randomProblem(seed, shape))
    const found = reassign(problem, { seed, elapsed: within(60_000) })
    expect(violationsOfAssignment(problem, found.at)).toEqual([])
    expect(costOfAssignment(problem, found.at)).toBe(found.cost)
    expect(found.cost).toBeLessThan(found.initialCost)
    expect(found.initialCost).toBe(costOfAssignment(problem, problem.initial))
  })

  it('answers the same for a seed, and something without time', () => {
    const problem = problemOf(...randomProblem(5, shape))
    const once = reassign(problem, { seed: 3, elapsed: within(40_000) })
    expect(reassign(problem, { seed: 3, elapsed: within(40_000) })).toEqual(once)
    expect(reassign(problem, { seed: 3, elapsed: () => 1 }).at).toEqual(problem.initial)
  })

  it('takes the numbers of machines, services and processes as names only', () => {
    const shapes = { machines: 6, processes: 40, services: 40, resources: 2 }
    const [model, assignment] = randomProblem(6, shapes)
    const lines = model.split('\n')
    // The processes in reverse order.
    const from = lines.lastIndexOf('40') + 1
    const turned = [
      ...lines.slice(0, from),
      ...lines.slice(from, from + 40).reverse(),
      ...lines.slice(from + 40),
    ]
    const problem = problemOf(turned.join('\n'), assignment.split(' ').reverse().join(' '))
    const found = reassign(problem, { seed: 1, elapsed: within(60_000) })
    expect(found.initialCost).toBe(reassign(problemOf(model, assignment), { seed: 1, elapsed: () => 1 }).cost)
    expect(violationsOfAssignment(problem, found.at)).toEqual([])
    expect(found.cost).toBeLessThan(found.initialCost)
  })

  it('ends at once where nothing can be better', () => {
    // One resource, two machines, nothing over the safety capacity.
    const problem = problemOf('1\n0 1\n2\n0 0 9 9 0 1\n0 1 9 9 1 0\n1\n0 0\n1\n0 5 1\n0\n1 1 1', '0')
    expect(lowerBound(problem, 0)).toBe(0)
    expect(reassign(problem, { seed: 1, elapsed: () => 0 })).toMatchObject({ cost: 0, proposals: 0 })
  })

  it('refuses an assignment that breaks a constraint already', () => {
    const problem = problemOf('1\n0 1\n2\n0 0 4 4 0 1\n0 1 9 9 1 0\n1\n0 0\n1\n0 5 1\n0\n1 1 1', '0')
    expect(() => reassign(problem, { seed: 1, elapsed: () => 0 })).toThrow(
      'The assignment breaks a constraint already: machine 0 needs 5 of resource 0 and has 4.',
    )
  })
})

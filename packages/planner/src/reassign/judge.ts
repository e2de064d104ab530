import type { Problem } from './problem'

/** What an assignment costs, all of it counted anew. */
export function costOfAssignment(problem: Problem, at: ArrayLike<number>): number {
  const { resources, machines, processes, capacity, safety, initial } = problem
  const used = usedBy(problem, at, false)
  let cost = 0
  for (let m = 0; m < machines; m++) {
    const row = m * resources
    for (let r = 0; r < resources; r++)
      cost += problem.loadWeight[r]! * Math.max(0, used[row + r]! - safety[row + r]!)
    for (let b = 0; b < problem.balances; b++) {
      const free = (r: number): number => capacity[row + r]! - used[row + r]!
      const short =
        problem.balanceTarget[b]! * free(problem.balanceFirst[b]!) - free(problem.balanceSecond[b]!)
      cost += problem.balanceWeight[b]! * Math.max(0, short)
    }
  }
  const moved = new Int32Array(problem.services)
  let most = 0
  for (let p = 0; p < processes; p++) {
    if (at[p] === initial[p]) continue
    cost += problem.processMoveWeight * problem.moveCost[p]!
    cost += problem.machineMoveWeight * problem.machineMoveCost[initial[p]! * machines + at[p]!]!
    most = Math.max(most, ++moved[problem.service[p]!]!)
  }
  return cost + problem.serviceMoveWeight * most
}

/** The hard constraints that an assignment breaks, in words; looks at the problem only, not at the search's own counts. */
export function violationsOfAssignment(problem: Problem, at: ArrayLike<number>): string[] {
  const { resources, machines, services, capacity, neighbourhood, location } = problem
  const bad: string[] = []
  const used = usedBy(problem, at, true)
  for (let i = 0; i < used.length; i++)
    if (used[i]! > capacity[i]!)
      bad.push(
        `machine ${Math.floor(i / resources)} needs ${used[i]} of resource ${i % resources} and has ${capacity[i]}`,
      )
  const near: Set<number>[] = []
  for (let s = 0; s < services; s++) {
    const members = problem.members.subarray(problem.membersFrom[s], problem.membersFrom[s + 1])
    const on = new Set<number>()
    for (const p of members) {
      if (on.has(at[p]!)) bad.push(`service ${s} runs twice on machine ${at[p]}`)
      on.add(at[p]!)
    }
    near.push(new Set([...on].map((m) => neighbourhood[m]!)))
    const locations = new Set([...on].map((m) => location[m]!)).size
    if (locations < problem.spreadMin[s]!)
      bad.push(`service ${s} runs in ${locations} locations and needs ${problem.spreadMin[s]}`)
  }
  for (let s = 0; s < services; s++)
    for (const on of problem.dependsOn.subarray(problem.dependsFrom[s], problem.dependsFrom[s + 1]))
      for (const n of near[s]!) {
        if (near[on]!.has(n)) continue
        const one = neighbourhood.indexOf(n)
        bad.push(`service ${s} misses service ${on} in the neighbourhood of machine ${one} (of ${machines})`)
      }
  return bad
}

function usedBy(problem: Problem, at: ArrayLike<number>, transient: boolean): Float64Array {
  const { resources, need, initial } = problem
  const used = new Float64Array(problem.machines * resources)
  for (let p = 0; p < problem.processes; p++)
    for (let r = 0; r < resources; r++) {
      used[at[p]! * resources + r]! += need[p * resources + r]!
      if (transient && problem.transient[r] && at[p] !== initial[p])
        used[initial[p]! * resources + r]! += need[p * resources + r]!
    }
  return used
}

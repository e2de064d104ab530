/**
 * Google's machine reassignment problem (ROADEF/EURO challenge 2012): processes stand on machines and may be moved. A
 * machine's capacity holds for every resource; a *transient* resource is needed on both machines of a move; processes of
 * one service run on different machines, in enough locations, and near the services they depend on. The cost adds load
 * over the safety capacities, imbalance between pairs of resources, and the moves themselves.
 *
 * Everything is in flat arrays: what stands at `[machine, resource]` is at `machine * resources + resource`.
 */
export interface Problem {
  resources: number
  machines: number
  services: number
  processes: number
  /** Per resource: 1 where a move needs it on both machines. */
  transient: Uint8Array
  /** Per resource: cost of a unit over the safety capacity. */
  loadWeight: Float64Array
  /** `[machine, resource]`. */
  capacity: Float64Array
  /** `[machine, resource]`. */
  safety: Float64Array
  /** Per machine, numbered from 0 without gaps. */
  neighbourhood: Int32Array
  neighbourhoods: number
  /** Per machine, numbered from 0 without gaps. */
  location: Int32Array
  locations: number
  /** `[from machine, to machine]`, in the narrowest numbers that hold them: 5,000 machines make 25 million. */
  machineMoveCost: Uint8Array | Uint16Array | Int32Array
  /** Per service: in so many locations at least. */
  spreadMin: Int32Array
  /** The services that service s needs in its neighbourhoods: `dependsOn[dependsFrom[s]..dependsFrom[s + 1]]`. */
  dependsFrom: Int32Array
  dependsOn: Int32Array
  /** The services that need service s, in the same form. */
  neededFrom: Int32Array
  neededBy: Int32Array
  /** Of every process (and its needs and move cost below). */
  service: Int32Array
  /** `[process, resource]`. */
  need: Float64Array
  moveCost: Float64Array
  /** The processes of service s: `members[membersFrom[s]..membersFrom[s + 1]]`. */
  membersFrom: Int32Array
  members: Int32Array
  /** Per balance: weight · max(0, target · free(first) − free(second)) on every machine. */
  balances: number
  balanceFirst: Int32Array
  balanceSecond: Int32Array
  balanceTarget: Float64Array
  balanceWeight: Float64Array
  processMoveWeight: number
  serviceMoveWeight: number
  machineMoveWeight: number
  /** Per process: where it stands now. */
  initial: Int32Array
}

/** The problem without its present assignment, which stands in a file of its own. */
export type ProblemModel = Omit<Problem, 'initial'>

/**
 * No assignment can cost less: every resource, and every balance, as if there were one machine as large as all; and one
 * move at least, when the present assignment (of `initialCost`) is not that good already.
 */
export function lowerBound(problem: Problem, initialCost: number): number {
  const { resources, machines, capacity, safety } = problem
  const used = new Float64Array(resources)
  const safe = new Float64Array(resources)
  const all = new Float64Array(resources)
  for (let i = 0; i < problem.need.length; i++) used[i % resources]! += problem.need[i]!
  for (let i = 0; i < machines * resources; i++) {
    safe[i % resources]! += safety[i]!
    all[i % resources]! += capacity[i]!
  }
  let bound = 0
  for (let r = 0; r < resources; r++) bound += problem.loadWeight[r]! * Math.max(0, used[r]! - safe[r]!)
  for (let b = 0; b < problem.balances; b++) {
    const first = problem.balanceFirst[b]!
    const second = problem.balanceSecond[b]!
    const short = problem.balanceTarget[b]! * (all[first]! - used[first]!) - (all[second]! - used[second]!)
    bound += problem.balanceWeight[b]! * Math.max(0, short)
  }
  return Math.min(initialCost, bound + cheapestMove(problem))
}

function cheapestMove(problem: Problem): number {
  const { machines, processes, initial, moveCost, machineMoveCost } = problem
  const cheapestFrom = new Float64Array(machines).fill(Number.POSITIVE_INFINITY)
  for (let m = 0; m < machines; m++)
    for (let to = 0; to < machines; to++)
      if (to !== m) cheapestFrom[m] = Math.min(cheapestFrom[m]!, machineMoveCost[m * machines + to]!)
  let cheapest = Number.POSITIVE_INFINITY
  for (let p = 0; p < processes; p++) {
    const cost =
      problem.processMoveWeight * moveCost[p]! + problem.machineMoveWeight * cheapestFrom[initial[p]!]!
    cheapest = Math.min(cheapest, cost)
  }
  return cheapest + problem.serviceMoveWeight
}

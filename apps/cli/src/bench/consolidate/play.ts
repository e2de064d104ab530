import {
  buildModel,
  type ConsolidationGoal,
  type ConsolidationHost,
  type ConsolidationLimits,
  type ConsolidationPlan,
  type ConsolidationTally,
  defaultConsolidation,
  levelsAlike,
  paced,
  planConsolidation,
} from '@drover/planner'
import { hostCount, hostKind, initialPlacement, moveMs, stepMs, type TraceVm } from './trace'

export interface TraceMove {
  step: number
  vm: number
  host: number
}

const memory = 0
const cpu = 1

/** What a day is consolidated for: data, as for any cluster. */
export const traceGoal: ConsolidationGoal = {
  ...defaultConsolidation,
  metrics: [{ resource: cpu, limit: 1, common: 0.03 }],
  sleepCalm: 1.2,
  wakeCalm: 1.2,
  margin: 0.06,
  riskPerGiB: 0.1,
  relieve: 'overload',
  failures: 0,
  costOf: memory,
  bytesPerUnit: 1024 ** 2,
  dwellMs: 0,
  horizonMs: 4 * 3_600_000,
  joulesPerMove: 20_000,
}

/** What a day may cost unless said otherwise. */
export const traceLimits: ConsolidationLimits = { moves: 1_990, overTime: 0.0018 }

/**
 * Plays a day: at each step the planner sees the samples up to then, and decides. What it moves has arrived before the next
 * step.
 */
export function consolidateTrace(
  vms: readonly TraceVm[],
  goal: ConsolidationGoal = traceGoal,
  limits: ConsolidationLimits = traceLimits,
): TraceMove[] {
  const at = initialPlacement(vms)
  const steps = vms.reduce((most, { use }) => Math.max(most, use.length), 0)
  const moves: TraceMove[] = []
  const tally = { left: 0, everyMs: stepMs, awake: 0, hostMs: 0, overMs: 0, over: 0, expected: 0, moves: 0 }
  for (let step = 1; step < steps; step += 1) {
    const over = overloaded(vms, at, step)
    tally.left = steps - step
    tally.over += over.length
    const plan = decide(vms, at, step, paced(goal, limits, tally))
    count(tally, plan, over, vms)
    for (const { vm, to } of plan.steps.flatMap((one) => one.moves)) {
      moves.push({ step, vm, host: to })
      at[vm] = to
    }
  }
  return moves
}

/** Hosts that are asked for more than they have at the step. */
function overloaded(vms: readonly TraceVm[], at: Int32Array, step: number): number[] {
  const asked = new Float64Array(hostCount)
  for (const [vm, { use, mips }] of vms.entries()) asked[at[vm]!]! += use[step]! * mips
  return [...asked.keys()].filter((host) => asked[host]! > hostKind(host).mips)
}

/** A host that is over stays so until what leaves it has left, or until the next step. */
function count(
  tally: ConsolidationTally,
  plan: ConsolidationPlan,
  over: readonly number[],
  vms: readonly TraceVm[],
): void {
  const { awake, risk } = plan.after
  const leaves = new Map<number, number>()
  for (const { vm, from } of plan.steps.flatMap((one) => one.moves))
    leaves.set(from, Math.max(leaves.get(from) ?? 0, moveMs(vms[vm]!)))
  for (const host of over) tally.overMs += leaves.get(host) ?? stepMs
  for (const one of plan.steps) tally.moves += one.moves.length
  tally.awake = awake
  tally.hostMs += awake * stepMs
  tally.expected += risk * awake
}

function decide(
  vms: readonly TraceVm[],
  at: Int32Array,
  step: number,
  goal: ConsolidationGoal,
): ConsolidationPlan {
  const demand = levelsAlike(vms.map(({ use, mips }) => ({ samples: use.subarray(0, step + 1), size: mips })))
  const guests = new Int32Array(hostCount)
  const used = new Float64Array(hostCount)
  for (const [vm, host] of at.entries()) {
    guests[host]! += 1
    used[host]! += demand[vm]!.now
  }
  const numbers = [...guests.keys()]
  const model = buildModel({
    resources: [
      { name: 'memory', hard: false, weight: 1 },
      { name: 'CPU', hard: false, weight: 1 },
    ],
    hosts: numbers.map((host) => ({
      name: String(host).padStart(3, '0'),
      capacity: [0, hostKind(host).mips],
      used: [0, used[host]!],
      accepts: true,
    })),
    vms: vms.map(({ name, ramMb }, vm) => ({
      name,
      size: [ramMb, demand[vm]!.now],
      at: at[vm]!,
      rank: 1,
      protected: false,
    })),
    rules: [],
  })
  const hosts = numbers.map((host): ConsolidationHost => {
    const { curve } = hostKind(host)
    const power = { idleWatts: curve[0], maxWatts: curve.at(-1)!, curve }
    // A host without VMs is off in this benchmark.
    return { asleep: guests[host] === 0, maySleep: true, mayWake: true, power }
  })
  return planConsolidation({ model, hosts, demand: demand.map((one) => [one]), at: step * stepMs }, goal)
}

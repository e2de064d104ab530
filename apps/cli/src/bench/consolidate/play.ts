import {
  buildModel,
  type ConsolidationGoal,
  type ConsolidationHost,
  type Demand,
  defaultConsolidation,
  planConsolidation,
  steadyLevel,
} from '@drover/planner'
import { hostCount, hostKind, initialPlacement, stepMs, type TraceVm } from './trace'

export interface TraceMove {
  step: number
  vm: number
  host: number
}

const cpu = 1

/** What a day is consolidated for: data, as for any cluster. */
export const traceGoal: ConsolidationGoal = {
  ...defaultConsolidation,
  metrics: [{ resource: cpu, limit: 1, common: 0.03 }],
  sleepCalm: 1.9,
  wakeCalm: 1.2,
  relieve: 'overload',
  failures: 0,
  bytesPerUnit: 1024 ** 2,
  dwellMs: 0,
  horizonMs: 4 * 3600_000,
  joulesPerMove: 20_000,
}

/**
 * Plays a day: at each step the planner sees the samples up to then and decides. What it moves arrives before the next step.
 */
export function consolidateTrace(vms: readonly TraceVm[], goal: ConsolidationGoal = traceGoal): TraceMove[] {
  const at = initialPlacement(vms)
  const steps = Math.max(...vms.map(({ use }) => use.length))
  const moves: TraceMove[] = []
  for (let step = 1; step < steps; step += 1) {
    for (const { vm, host } of decide(vms, at, step, goal)) {
      moves.push({ step, vm, host })
      at[vm] = host
    }
  }
  return moves
}

function decide(vms: readonly TraceVm[], at: Int32Array, step: number, goal: ConsolidationGoal) {
  const seen = vms.map(({ use }) => use.subarray(0, step + 1))
  const demand = demandsOf(vms, seen)
  const crowd = new Int32Array(hostCount)
  const used = new Float64Array(hostCount)
  for (const [vm, host] of at.entries()) {
    crowd[host]! += 1
    used[host]! += demand[vm]![0]!.now
  }
  const model = buildModel({
    resources: [
      { name: 'memory', hard: false, weight: 1 },
      { name: 'cpu', hard: false, weight: 1 },
    ],
    hosts: Array.from({ length: hostCount }, (_, host) => ({
      name: names[host]!,
      capacity: [0, hostKind(host).mips],
      used: [0, used[host]!],
      accepts: true,
    })),
    vms: vms.map(({ name, ramMb }, vm) => ({
      name,
      size: [ramMb, demand[vm]![0]!.now],
      at: at[vm]!,
      rank: 1,
      protected: false,
    })),
    rules: [],
  })
  const hosts = Array.from({ length: hostCount }, (_, host): ConsolidationHost => {
    const { curve } = hostKind(host)
    const power = { idleWatts: curve[0], maxWatts: curve.at(-1)!, curve }
    return { asleep: crowd[host] === 0, maySleep: true, mayWake: true, power }
  })
  const plan = planConsolidation({ model, hosts, demand, at: step * stepMs }, goal)
  return plan.steps.flatMap((one) => one.moves.map(({ vm, to }) => ({ vm, host: to })))
}

const names = Array.from({ length: hostCount }, (_, host) => String(host).padStart(3, '0'))

/** What each VM is expected to ask for, from its own samples and, while these are few, from what all VMs do. */
function demandsOf(vms: readonly TraceVm[], seen: readonly Float64Array[]): Demand[][] {
  const levels = seen.map((samples) => steadyLevel(samples))
  const count = levels.length
  const mean = levels.reduce((sum, level) => sum + level.mean, 0) / count
  const sd = Math.sqrt(levels.reduce((sum, level) => sum + level.sd ** 2, 0) / count)
  const prior = { mean, sd, weight: 1 }
  return vms.map(({ mips }, vm) => {
    const samples = seen[vm]!
    const level = steadyLevel(samples, { halfLife: 100, prior })
    return [{ mean: level.mean * mips, sd: level.sd * mips, now: samples[samples.length - 1]! * mips }]
  })
}

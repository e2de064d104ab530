import type { Unit } from '../model/unit'
import type { Demand } from './goal'

/** What a unit asks for, by metric. */
export interface Load {
  mean: number[]
  variance: number[]
  now: number[]
}

/** Its VMs swing each on its own: variances add up. */
export function loadOf(unit: Unit, demand: readonly (readonly Demand[])[], metrics: number): Load {
  const load: Load = { mean: [], variance: [], now: [] }
  for (let m = 0; m < metrics; m += 1) {
    let [mean, variance, now] = [0, 0, 0]
    for (const vm of unit.vms) {
      const one = demand[vm]![m]!
      mean += one.mean
      variance += one.sd * one.sd
      now += one.now
    }
    load.mean.push(mean)
    load.variance.push(variance)
    load.now.push(now)
  }
  return load
}

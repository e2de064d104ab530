import type { Unit } from '../model/unit'
import type { Demand } from './goal'

/** What a unit asks for, by metric. */
export interface Load {
  mean: Float64Array
  variance: Float64Array
  now: Float64Array
}

/** Its VMs swing each on its own: variances add up. */
export function loadOf(unit: Unit, demand: readonly (readonly Demand[])[], metrics: number): Load {
  const load = {
    mean: new Float64Array(metrics),
    variance: new Float64Array(metrics),
    now: new Float64Array(metrics),
  }
  for (const vm of unit.vms)
    for (let m = 0; m < metrics; m += 1) {
      const { mean, sd, now } = demand[vm]![m]!
      load.mean[m]! += mean
      load.variance[m]! += sd * sd
      load.now[m]! += now
    }
  return load
}

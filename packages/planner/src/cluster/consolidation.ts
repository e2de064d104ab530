import type { LoadPicture, LoadRules } from '@drover/model'
import { type ConsolidationGoal, type ConsolidationInput, defaultConsolidation } from '../consolidate/goal'
import { powerField } from '../load/powerField'
import { goalOf } from '../load/powerWake'
import type { Model } from '../model/model'

/** What consolidation is asked, and what it is to keep. */
export interface ConsolidationCase {
  input: ConsolidationInput
  goal: ConsolidationGoal
}

/** As live control asks, by a cluster's own settings; how many hosts stay awake at least is the caller's to see to. */
export function consolidationOfPicture(picture: LoadPicture, rules: LoadRules): ConsolidationCase {
  const { power } = rules
  const { input } = powerField(picture, rules, power.wakeAheadMs + power.dwellMs)
  return { input, goal: goalOf(rules, power.fillTo / (1 + power.reserve)) }
}

/** Of a model whose first resource is memory and whose second is CPU: any host may sleep, any one may fail. */
export function consolidationOfModel(model: Model): ConsolidationCase {
  const power = { idleWatts: 100, maxWatts: 250, asleepWatts: 5 }
  return {
    input: {
      model,
      hosts: model.hosts.map(() => ({ asleep: false, maySleep: true, mayWake: true, power })),
      demand: model.vms.map(({ size }) => [{ mean: size[1]!, sd: 0, now: size[1]! }]),
    },
    goal: { ...defaultConsolidation, bytesPerUnit: 1024 ** 2 },
  }
}

import {
  type Cluster,
  type ClusterId,
  defaultPowerSettings,
  type LoadRules,
  type ThresholdRule,
  type World,
} from '@drover/model'
import { balanceOf } from '../balance/settings'
import { numberOf } from '../world/find'

/** A cluster's thresholds, in the order in which they were made. */
export function thresholdsOf(world: World, clusterId: ClusterId): ThresholdRule[] {
  return [...world.tables.threshold.values()]
    .filter((rule) => rule.clusterId === clusterId)
    .sort((a, b) => numberOf(a.id) - numberOf(b.id))
}

/** All that was said about load in a cluster. */
export function loadRules(world: World, cluster: Cluster): LoadRules {
  return {
    balance: balanceOf(cluster),
    power: cluster.power ?? defaultPowerSettings,
    thresholds: thresholdsOf(world, cluster.id),
    rules: [...(world.index.rulesByCluster.get(cluster.id) ?? [])]
      .map((id) => world.tables.rule.get(id)!)
      .sort((a, b) => numberOf(a.id) - numberOf(b.id)),
    admission: cluster.ha.admission,
    overcommitMemory: cluster.ha.placement.overcommitMemory,
  }
}

/** Whether two sets of rules say the same; what Drover keeps there for itself does not count. */
export function sameRules(a: LoadRules, b: LoadRules): boolean {
  return fingerprint(a) === fingerprint(b)
}

function fingerprint({ balance, power, thresholds, rules, admission, overcommitMemory }: LoadRules): string {
  return JSON.stringify([
    { ...balance, unevenSince: null },
    { ...power, lowSince: null },
    thresholds.map((rule) => ({ ...rule, aboveSince: null })),
    rules,
    admission,
    overcommitMemory,
  ])
}

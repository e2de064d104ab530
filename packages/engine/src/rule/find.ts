import type { ClusterId, Rule, World } from '@drover/model'
import { numberOf } from '../world/find'

/** Rules that are switched on, in the order in which they were made. */
export function rulesOf(world: World, clusterId: ClusterId): Rule[] {
  return [...(world.index.rulesByCluster.get(clusterId) ?? [])]
    .map((id) => world.tables.rule.get(id)!)
    .filter((rule) => rule.enabled)
    .sort((a, b) => numberOf(a.id) - numberOf(b.id))
}

import { type Rule, sayRuleWith, type World } from '@drover/model'

/** A rule as a sentence: "web-1 and web-2 must run on different hosts." */
export function sayRule(
  world: World,
  rule: Pick<Rule, 'kind' | 'relation' | 'strict' | 'vmIds' | 'hosts'>,
): string {
  return sayRuleWith(rule, (id) => (world.tables.vm.get(id) ?? world.tables.host.get(id))?.name ?? id)
}

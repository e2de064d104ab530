import type { Rule } from '../rule/rule'
import { sayList } from './quantity'

/** A rule as a sentence: "web-1 and web-2 must run on different hosts." `nameOf`: the name of a VM or host. */
export function sayRuleWith(
  rule: Pick<Rule, 'kind' | 'relation' | 'strict' | 'vmIds' | 'hosts'>,
  nameOf: (id: Rule['vmIds'][number] | Rule['hosts'][number]['hostId']) => string,
): string {
  const vms = sayList(rule.vmIds.map(nameOf))
  const must = rule.strict ? 'must' : 'should'
  if (rule.kind === 'vm-vm')
    return rule.relation === 'together'
      ? `${vms} ${must} run on one host.`
      : `${vms} ${must} run on different hosts.`
  const named = rule.hosts.map(({ hostId }) => nameOf(hostId))
  if (rule.relation === 'notOn') return `${vms} ${must} not run on ${sayList(named, 'or')}.`
  const priorities = [...new Set(rule.hosts.map(({ priority }) => priority))].sort((a, b) => b - a)
  const ordered = priorities.map((priority) =>
    sayList(
      named.filter((_, i) => rule.hosts[i]?.priority === priority),
      'or',
    ),
  )
  return `${vms} ${must} run on ${ordered.join(', else on ')}.`
}

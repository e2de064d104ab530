import { type Rule, sayRuleWith } from '@drover/model'
import type { ReplicaTables } from '../replica/replica'

/** A rule as a sentence, with today's names. */
export function sayRuleNow(
  tables: ReplicaTables,
  rule: Pick<Rule, 'kind' | 'relation' | 'strict' | 'vmIds' | 'hosts'>,
): string {
  return sayRuleWith(
    rule,
    (id) => tables.vm.get(id)?.name ?? tables.host.get(id)?.name ?? 'something deleted',
  )
}

export const relations: Record<Rule['relation'], { kind: Rule['kind']; label: string; means: string }> = {
  apart: {
    kind: 'vm-vm',
    label: 'Apart',
    means: 'The VMs run on different hosts, so that one failure takes one of them.',
  },
  together: { kind: 'vm-vm', label: 'Together', means: 'The VMs run on one host, whichever it is.' },
  on: {
    kind: 'vm-host',
    label: 'On these hosts',
    means: 'The VMs run on one of the hosts; on the preferred ones first.',
  },
  notOn: { kind: 'vm-host', label: 'Not on these hosts', means: 'The VMs run on none of the hosts.' },
}

/**
 * Policies of the format that Drover has as well: what it does where more than one answer is right. Expectations with
 * these tags count; those of other engines do not.
 */
export const declaredTags: Record<string, string> = {
  'rule.reject-violating-command': 'an order that would break a strict rule is refused, and nothing moves',
  'retry.limits': 'a start is tried again on its host, then on others, as often as the VM says, and no more',
  'anti-affinity.spread-evenly': 'VMs that should be apart are spread as evenly as memory allows',
}

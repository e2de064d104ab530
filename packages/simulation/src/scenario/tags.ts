/**
 * Policies of the format that Drover has as well: what it does where more than one answer is right. Expectations with
 * these tags count; those of other engines do not.
 */
export const declaredTags: Record<string, string> = {
  'rule.reject-violating-command': 'an order that would break a strict rule is refused, and nothing moves',
}

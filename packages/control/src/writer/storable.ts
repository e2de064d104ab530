/**
 * The first text in `value` that PostgreSQL cannot keep (a NUL character or half a surrogate pair), or null. Names and
 * messages come from agents and hypervisors; one such character must not keep everybody else's changes out.
 */
export function unstorableText(value: unknown): string | null {
  if (typeof value === 'string') return value.includes('\u0000') || loneSurrogate.test(value) ? value : null
  if (value === null || typeof value !== 'object') return null
  for (const [key, field] of Object.entries(value)) {
    const found = unstorableText(field) ?? unstorableText(key)
    if (found !== null) return found
  }
  return null
}

const loneSurrogate = /\p{Surrogate}/u

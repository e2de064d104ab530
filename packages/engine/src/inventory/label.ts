import type { Refusal } from '@drover/model'

/** Reasons against a name that people gave to a datacenter or cluster. */
export function checkLabel(
  noun: string,
  name: string,
  rows: Iterable<{ id: string; name: string }>,
  except?: string,
): Refusal[] {
  if (name.trim() !== name || name.length < 1 || name.length > 100) {
    const problem = `"${name}" cannot be the name of a ${noun}`
    return [
      { code: 'invalid', field: 'name', problem, remedy: 'Use 1 to 100 characters, no space at the ends.' },
    ]
  }
  for (const row of rows)
    if (row.name === name && row.id !== except) return [{ code: 'name_taken', noun, name }]
  return []
}

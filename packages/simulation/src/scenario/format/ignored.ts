import { sayPath } from './say'
import type { Scenario } from './scenario'

/** What the format's other readers use, or people: nothing that a run could depend on. */
const remarks = new Set([
  'source',
  'cold_because',
  'reference',
  'placement',
  'pve',
  'why',
  'comment',
  'notes',
])

/**
 * Fields of a file that were not read, because nothing here knows them: a slip of the pen that would otherwise pass in
 * silence, and the scenario test something else than it says.
 */
export function ignoredFields(given: unknown, read: unknown, path: readonly PropertyKey[] = []): string[] {
  if (Array.isArray(given) && Array.isArray(read))
    return given.flatMap((one, i) => ignoredFields(one, read[i], [...path, i]))
  if (!isRecord(given) || !isRecord(read)) return []
  return Object.entries(given).flatMap(([key, value]) => {
    if (remarks.has(key)) return []
    return key in read ? ignoredFields(value, read[key], [...path, key]) : [sayPath([...path, key])]
  })
}

/** States to begin in; of other engines' states, those that come by themselves of how things stand. */
const states = {
  vms: new Set(['error', 'migrate', 'relocate', 'fence', 'recovery', 'started', 'request_start', 'stopped']),
  hosts: new Set(['maintenance', 'fence', 'online', 'unknown', 'gone']),
}

/** States of the engine that a scenario wants to begin in, and that Drover has not. */
export function ignoredStates({ inject }: Scenario): string[] {
  return (['vms', 'hosts'] as const).flatMap((table) =>
    Object.entries(inject?.[table] ?? {})
      .filter(([, { status }]) => !states[table].has(status))
      .map(([name, { status }]) => `inject.${table}.${name}.status (${status})`),
  )
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

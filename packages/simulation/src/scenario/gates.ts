/** What features of the format are about: the beginning of their names. */
const known = [
  'affinity',
  'agent',
  'balancer',
  'capacity',
  'cluster',
  'engine',
  'failback',
  'fault',
  'fence',
  'ha',
  'host',
  'inject',
  'isolation',
  'lock',
  'maintenance',
  'manager',
  'memory',
  'migration',
  'operator',
  'placement',
  'policy',
  'quorum',
  'recovery',
  'registration',
  'retry',
  'rule',
  'status',
  'storage',
  'store',
  'vm',
]

export interface Missing {
  feature: string
  why: string
}

/** Why a scenario is not run: each required feature that is missing. None, when it can be run: of those of the format, Drover has all. */
export function missing(requires: readonly string[]): Missing[] {
  return requires
    .filter((feature) => !known.includes(feature.split('.')[0]!))
    .map((feature) => ({ feature, why: 'no feature that Drover, or the format, knows' }))
}

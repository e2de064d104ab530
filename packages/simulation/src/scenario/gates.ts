import type { Scenario } from './format/scenario'

/** Features that a scenario may require and Drover does not have, by the beginning of their names, and why. */
const absent: Record<string, string> = {}

/** Why a scenario is not run, each required feature that is missing; empty when it is. */
export function missing({ requires }: Pick<Scenario, 'requires'>): { feature: string; why: string }[] {
  return requires.flatMap((feature) => {
    const prefix = Object.keys(absent).find((one) => feature.startsWith(one))
    return prefix === undefined ? [] : [{ feature, why: absent[prefix]! }]
  })
}

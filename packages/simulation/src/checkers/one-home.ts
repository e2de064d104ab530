import type { Checker } from './checker'

/** Invariant 1, first half. */
export function oneHome(): Checker {
  return {
    name: 'one home',
    holds: 'A VM never runs on two hosts, and no two hosts hold its memory.',
    always({ truth }) {
      const homes = new Map<string, string[]>()
      for (const host of truth.hosts.values()) {
        for (const domain of host.domains.values()) {
          if (domain.guest) homes.set(domain.uuid, [...(homes.get(domain.uuid) ?? []), host.is.name])
        }
      }
      return [...homes]
        .filter(([, hosts]) => hosts.length > 1)
        .map(([uuid, hosts]) => `${uuid} is alive on ${hosts.join(' and ')}`)
    },
  }
}

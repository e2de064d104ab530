import { type Checker, everySoOften } from './checker'

/** Invariant 1, second half. */
export function oneWriter(): Checker {
  const due = everySoOften(20)
  return {
    name: 'one writer',
    holds: 'A disk is never open for writing twice.',
    always(scene) {
      const { truth } = scene
      if (!due(scene)) return []
      const writers = new Map<object, string[]>()
      for (const host of truth.hosts.values()) {
        for (const domain of host.domains.values()) {
          if (!domain.guest) continue
          for (const { path } of domain.disks) {
            const file = truth.disks.find(host, path)
            if (file)
              writers.set(file, [...(writers.get(file) ?? []), `${domain.name} on ${host.is.name} (${path})`])
          }
        }
      }
      return [...writers.values()]
        .filter((who) => who.length > 1)
        .map((who) => `one disk is open for writing by ${who.join(' and ')}`)
    },
  }
}

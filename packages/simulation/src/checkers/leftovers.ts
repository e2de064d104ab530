import type { Checker } from './checker'

/** What a cut-off copy leaves behind is cleaned up, or belongs to a VM. */
export function leftovers(): Checker {
  return {
    name: 'nothing left over',
    holds: 'At rest, every disk on a datastore belongs to a VM that is there, and none is half-made.',
    atRest({ truth }) {
      const used = new Set<object>()
      for (const host of truth.hosts.values()) {
        for (const domain of host.domains.values()) {
          for (const { path } of domain.disks) {
            const file = truth.disks.find(host, path)
            if (file) used.add(file)
          }
        }
      }
      return [...truth.disks.datastores.values()].flatMap((datastore) =>
        [...datastore.files]
          .filter(([path, file]) => !path.startsWith('images/') && !used.has(file))
          .map(([path]) => `${datastore.name} keeps ${path}, which no VM has`),
      )
    },
  }
}

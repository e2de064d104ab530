import type { Checker } from './checker'

interface Seen {
  name: string
  origin: string
  /** What the disk's content has reached for certain. */
  counter: number
}

/** A VM may lose its host, never its disk. */
export function wholeDisk(): Checker {
  const seen = new Map<string, Seen>()
  return {
    name: 'whole disk',
    holds:
      'A VM that nobody deleted always has a whole copy of its disk with everything that was written to it.',
    always({ truth, ledger, now }) {
      const whole = new Map<string, number>()
      for (const datastore of truth.disks.datastores.values()) {
        for (const [path, file] of datastore.files) {
          if (path.endsWith('.part') || path.startsWith('images/')) continue
          whole.set(file.origin, Math.max(whole.get(file.origin) ?? 0, file.counter))
        }
      }
      for (const host of truth.hosts.values()) {
        for (const domain of host.domains.values()) {
          const first = domain.disks[0]
          const file = first ? truth.disks.find(host, first.path) : null
          if (!file || domain.state === 'incoming') continue
          const before = seen.get(domain.uuid)
          // While it runs, the file holds what was settled last; that never shrinks either.
          if (!before)
            seen.set(domain.uuid, { name: domain.name, origin: file.origin, counter: file.counter })
          else if (file.origin === before.origin) before.counter = Math.max(before.counter, file.counter)
        }
      }
      const breaches: string[] = []
      const deleted = deletedUuids(ledger)
      for (const [uuid, { name, origin, counter }] of seen) {
        if (deleted.has(uuid)) seen.delete(uuid)
        else if ((whole.get(origin) ?? -1) < counter) {
          breaches.push(`${name} has no whole disk with its last ${counter} writes left at ${now()}`)
        }
      }
      return breaches
    },
  }
}

/** VMs whose deletion, or whose failed creation, Drover has been told to carry out: their disks may go. */
export function deletedUuids(ledger: Parameters<NonNullable<Checker['always']>>[0]['ledger']): Set<string> {
  const uuids = new Set<string>()
  for (const task of ledger.folded.task.values()) {
    if (task.kind === 'vm.delete' && typeof task.memo.uuid === 'string') uuids.add(task.memo.uuid)
  }
  return uuids
}

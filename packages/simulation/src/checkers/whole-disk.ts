import type { SimulatedDatacenter } from '@drover/hypervisor/simulated'
import { type Checker, everySoOften } from './checker'

interface Seen {
  origin: string
  /** What the disk's content has reached for certain. */
  counter: number
}

/** A VM may lose its host, never its disk. */
export function wholeDisk(): Checker {
  const seen = new Map<string, Seen>()
  const due = everySoOften(200)
  return {
    name: 'whole disk',
    holds:
      'A VM that nobody deletes always has a whole copy of its disk with everything that was written to it.',
    always(scene) {
      const { truth, ledger } = scene
      if (!due(scene)) return []
      const whole = new Map<string, number>()
      for (const datastore of truth.disks.datastores.values()) {
        for (const [path, file] of datastore.files) {
          if (path.endsWith('.part')) continue
          whole.set(file.origin, Math.max(whole.get(file.origin) ?? 0, file.counter))
        }
      }
      const breaches: string[] = []
      for (const { uuid, name } of ledger.folded.vm.values()) {
        if (ledger.doomed.has(uuid)) continue
        const before = seen.get(uuid)
        if (!before) {
          remember(seen, truth, uuid)
          continue
        }
        for (const host of truth.hosts.values()) {
          const first = host.domains.get(uuid)?.disks[0]
          const file = first && truth.disks.find(host, first.path)
          if (file?.origin === before.origin) before.counter = Math.max(before.counter, file.counter)
        }
        if ((whole.get(before.origin) ?? -1) < before.counter) {
          breaches.push(`${name} has no whole disk left that holds its ${before.counter} writes`)
        }
      }
      return breaches
    },
  }
}

/** At first sight its disk becomes one of a kind: VMs made from one image have equal ones until then. */
function remember(seen: Map<string, Seen>, truth: SimulatedDatacenter, uuid: string): void {
  for (const host of truth.hosts.values()) {
    const first = host.domains.get(uuid)?.disks[0]
    const file = first && truth.disks.find(host, first.path)
    if (!file) continue
    file.origin = `the disk of ${uuid}`
    seen.set(uuid, { origin: file.origin, counter: file.counter })
    return
  }
}

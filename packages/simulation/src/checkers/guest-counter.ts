import { counterAt } from '@drover/hypervisor/simulated'
import { type Checker, everySoOften } from './checker'

/** What the guest itself would notice. */
export function guestCounter(): Checker {
  const seen = new Map<string, { bootId: number; counter: number }>()
  const due = everySoOften(50)
  return {
    name: 'guest counter',
    holds: 'What a guest has counted never goes back, and a migration never boots it again.',
    always(scene) {
      const { truth, now } = scene
      if (!due(scene)) return []
      const breaches: string[] = []
      for (const host of truth.hosts.values()) {
        for (const { uuid, name, guest } of host.domains.values()) {
          if (!guest) continue
          const counter = counterAt(guest, now())
          const before = seen.get(uuid)
          if (before && counter < before.counter) {
            breaches.push(`${name} on ${host.is.name} counts ${counter} after ${before.counter}`)
          }
          seen.set(uuid, { bootId: guest.bootId, counter })
        }
      }
      return breaches
    },
  }
}

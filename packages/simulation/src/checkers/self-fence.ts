import { selfFenceMarginMs } from '@drover/protocol'
import { type Checker, everySoOften } from './checker'

/** What control counts on when no device answers. */
export function selfFence(): Checker {
  const due = everySoOften(200)
  return {
    name: 'the lease is kept',
    holds:
      'A host that fences itself runs nothing when its lease and the margin are over, counted from its last contact.',
    always(scene) {
      const { truth, witness, now, selfFence: fences } = scene
      if (!due(scene)) return []
      const breaches: string[] = []
      for (const { is, on, frozen, domains } of truth.hosts.values()) {
        const duty = witness.duties.get(is.name)
        const may = fences(is.name)
        // One that was stopped in an orderly way has said that nobody may count on it.
        if (!may || !on || !duty?.leaseMs || scene.released(is.name)) continue
        const contactAt = Math.max(witness.contactAt.get(is.name) ?? 0, duty.at, scene.onDutySince(is.name))
        const lateMs = now() - contactAt - duty.leaseMs - selfFenceMarginMs(duty.leaseMs)
        if (lateMs <= 0 || (frozen && !may.watchdog)) continue
        const alive = [...domains.values()].filter(({ guest }) => guest !== null)
        if (alive.length > 0)
          breaches.push(`${is.name} runs ${alive[0]!.name} ${lateMs} ms after it should have fenced itself`)
      }
      return breaches
    },
  }
}

import type { LoadDecision } from '@drover/model'
import { type Checker, news } from './checker'

const windowMs = 600_000
/** So often in a row something else may have come first. */
const most = 5

/** A rule that wants what cannot be done does not ask for it again and again. */
export function inVain(): Checker {
  const fresh = news()
  const vain = new Map<string, number[]>()
  return {
    name: 'nothing is decided in vain',
    holds: 'No rule decides the same again and again, of which nothing is ever begun.',
    always(scene) {
      const { ledger, now } = scene
      const breaches: string[] = []
      for (const { body } of fresh(scene)) {
        if (body.kind !== 'decision.ended') continue
        const decision = ledger.folded.decision.get(body.decision.id)
        if (!decision?.automatic || begun(decision)) continue
        const key = keyOf(decision)
        const times = [...(vain.get(key) ?? []).filter((at) => now() - at < windowMs), now()]
        vain.set(key, times)
        if (times.length > most) breaches.push(`${times.length} times within 10 minutes ${key}: ${body.text}`)
      }
      return breaches
    },
  }
}

function begun({ moves, power }: LoadDecision): boolean {
  return [...moves, ...power].some(({ taskId }) => taskId !== null)
}

function keyOf({ by, moves, power }: LoadDecision): string {
  const parts = [
    ...moves.map(({ vm, target }) => `${vm.name} to ${target.name}`),
    ...power.map(({ host, act }) => `${act} ${host.name}`),
  ]
  return `${by.name}: ${parts.sort().join(', ')}`
}

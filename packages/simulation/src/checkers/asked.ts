import { type LoadDecision, patched } from '@drover/model'
import { type Checker, news } from './checker'

/** What is only recommended is asked about. */
export function asked(): Checker {
  const fresh = news()
  const known = new Map<string, LoadDecision>()
  return {
    name: 'recommendations are asked about',
    holds:
      'Nothing of a recommendation is begun before somebody applies it, nothing that was left out of that, and nothing after it was turned down.',
    always(scene) {
      const breaches: string[] = []
      for (const { rows } of fresh(scene))
        for (const change of rows) {
          if (change.table !== 'decision') continue
          const before = known.get(change.id)
          const after = patched(before, change)
          if (!after) continue
          known.set(after.id, after)
          for (const part of begun(before, after)) {
            const name = 'vm' in part ? part.vm.name : part.host.name
            const why = whyNot(before ?? after, after, part)
            if (why) breaches.push(`${after.id} (${after.by.name}) begins with ${name}, ${why}`)
          }
        }
      return breaches
    },
  }
}

type Part = LoadDecision['moves'][number] | LoadDecision['power'][number]

/** Parts of which a task was begun by the change from one to the other. */
function begun(before: LoadDecision | undefined, after: LoadDecision): Part[] {
  return [
    ...after.moves.filter(({ taskId }, i) => taskId !== null && before?.moves[i]?.taskId !== taskId),
    ...after.power.filter(({ taskId }, i) => taskId !== null && before?.power[i]?.taskId !== taskId),
  ]
}

function whyNot(before: LoadDecision, { automatic, person }: LoadDecision, part: Part): string | null {
  if (before.state !== 'running') return `and is ${before.state}`
  if (!automatic && person === null) return 'and nobody has applied it'
  return 'chosen' in part && part.chosen === false ? 'which was left out' : null
}

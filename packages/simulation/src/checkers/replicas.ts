import { type ReplicatedTable, replicatedTables } from '@drover/model'
import { canonical } from '../ledger/ledger'
import type { Checker } from './checker'

/** What has ended is not all shown. */
const past: ReadonlySet<string> = new Set(['task', 'alarm', 'incident'])

/** What a browser shows is what is so. */
export function replicas(): Checker {
  const told = new Map<object, number>()
  return {
    name: 'browsers agree',
    holds:
      'A browser that follows the patches has the world, hears every event once and in order, and none that is not durable.',
    always({ replicas, ledger }) {
      const breaches: string[] = []
      for (const replica of replicas) {
        for (let i = told.get(replica) ?? 0; i < replica.heard.length; i++) {
          const event = replica.heard[i]!
          const durable = ledger.events[event.seq - 1]
          if (durable?.hash !== event.hash) {
            breaches.push(`${replica.name} was told of event ${event.seq}, which is not durable like that`)
          }
        }
        told.set(replica, replica.heard.length)
      }
      return breaches
    },
    atRest({ replicas, ledger }) {
      return replicas.flatMap((replica) => {
        if (!replica.following) return [`${replica.name} no longer follows`]
        const last = ledger.events.at(-1)?.seq ?? 0
        if (replica.seq !== last) return [`${replica.name} has heard up to event ${replica.seq} of ${last}`]
        return replicatedTables.flatMap((name: ReplicatedTable) => {
          const shown = replica.rows.get(name)!
          const durable = ledger.folded[name] as Map<string, object>
          return [...new Set([...shown.keys(), ...durable.keys()])]
            .filter((id) => !past.has(name) || shown.has(id))
            .filter((id) => visible(shown.get(id)) !== visible(durable.get(id)))
            .map(
              (id) =>
                `${replica.name} shows ${id} as ${canonical(shown.get(id))}, it is ${canonical(durable.get(id))}`,
            )
        })
      })
    },
  }
}

/** Without control's working memory of a task and without secrets, which are not for browsers. */
function visible(row: object | undefined): string {
  const { sealed } = (row ?? {}) as { sealed?: Record<string, string> }
  const blank = sealed && { sealed: Object.fromEntries(Object.keys(sealed).map((name) => [name, ''])) }
  return canonical({ ...row, command: null, result: null, memo: {}, inputs: '', ...blank })
}

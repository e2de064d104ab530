import { tableNames } from '@drover/model'
import { canonical } from '../ledger/ledger'
import type { Checker } from './checker'

/** What has ended is not all kept in memory. */
const past: ReadonlySet<string> = new Set(['task', 'alarm', 'incident'])

/** Invariant 6. */
export function history(): Checker {
  let told = 0
  return {
    name: 'history explains state',
    holds:
      'Replaying the events gives the rows; numbers have no gap; every line is chained to the one before.',
    always({ ledger }) {
      const news = ledger.faults.slice(told)
      told = ledger.faults.length
      return news
    },
    atRest({ ledger, leader }) {
      const world = leader()?.world
      if (!world) return ['nobody leads at the end']
      return tableNames.flatMap((name) => {
        const durable = ledger.folded[name] as Map<string, object>
        const believed = world.tables[name] as Map<string, object>
        const ids = new Set([...durable.keys(), ...believed.keys()])
        return (
          [...ids]
            // What ended long ago may be left to the database.
            .filter((id) => !past.has(name) || believed.has(id))
            .filter((id) => canonical(durable.get(id) ?? null) !== canonical(believed.get(id) ?? null))
            .map(
              (id) =>
                `${id} is ${canonical(believed.get(id))} in memory and ${canonical(durable.get(id))} in history`,
            )
        )
      })
    },
  }
}

import { tableNames } from '@drover/model'
import type { Checker } from './checker'

/** Commit, and only then: believe, order, tell. */
export function durableFirst(): Checker {
  const looked = new Map<string, object>()
  let sent = 0
  let before = ''
  let times = 0
  return {
    name: 'durable first',
    holds: 'Nobody acts on, believes or is told of what is not durable.',
    always({ ledger, leader, sent: orders, accepted }) {
      const breaches: string[] = []
      for (; sent < orders.length; sent++) {
        const { commandId, host } = orders[sent]!
        if (!ledger.commands.has(commandId))
          breaches.push(`${commandId} went to ${host} before it was durable`)
      }
      for (const id of accepted.keys()) {
        if (!ledger.task(id)) breaches.push(`${id} was accepted and is not durable`)
      }
      const leading = leader()
      if (!leading) return breaches
      // The world changes with its number. That it should do so is not taken on trust, but looked at less often.
      const state = `${leading.name} ${leading.term} ${leading.seq}`
      if (state === before && ++times % 40 !== 0) return breaches
      before = state
      for (const name of tableNames) {
        for (const [id, row] of leading.world.tables[name] as Map<string, object>) {
          const key = `${name}/${id}`
          if (looked.get(key) === row) continue
          looked.set(key, row)
          if (!ledger.wasEver(name, id, row))
            breaches.push(`${leading.name} believes of ${id} what is not durable`)
        }
      }
      return breaches
    },
  }
}

import { sayRefusal } from '@drover/model'
import { sayClock } from '../format/time'
import type { Action } from '../ui/action'
import { type ReplicaState, useReplicaStore } from './store'

function standing({ line, health }: ReplicaState): string | null {
  if (line.state === 'lost') {
    return `There has been no line to control since ${sayClock(line.sinceAt)}. Wait until it is back.`
  }
  if (health?.databaseAwaySince) {
    return sayRefusal({ code: 'database_away', sinceAt: health.databaseAwaySince })
  }
  return null
}

/** Why nothing at all can be changed now; null when it can. Drawn again when that changes. */
export function useStanding(): string | null {
  return useReplicaStore(standing)
}

/** Actions with the reason that goes for all of them, when nothing can be changed now. */
export function whileStanding<A extends Action>(actions: A[]): A[] {
  const against = standing(useReplicaStore.getState())
  return against ? actions.map((action) => ({ ...action, reasons: [against] })) : actions
}

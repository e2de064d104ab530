import type { Waiting } from '@drover/model'

/**
 * Whether a change of place in the queue is worth a line of history. Near the front every move is; far back only when
 * the number ahead has halved, or a queue of n would write n² lines.
 */
export function worthSaying(was: Waiting, is: Waiting): boolean {
  if (!('ahead' in was) || !('ahead' in is)) return JSON.stringify(was) !== JSON.stringify(is)
  if (what(was) !== what(is)) return true
  if (was.ahead.length === is.ahead.length) return false
  return is.ahead.length <= 3 || is.ahead.length * 2 <= was.ahead.length
}

function what(waiting: Waiting & { ahead: string[] }): string {
  const { ahead: _, ...rest } = waiting
  return JSON.stringify(rest)
}

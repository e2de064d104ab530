import type { Host } from '@drover/model'
import type { Shown } from '../vm/state'

/** How a host stands: silence first, then what an operator decided about it. */
export function hostState(host: Pick<Host, 'state' | 'mode'>): Shown {
  if (host.state === 'suspect') return { tone: 'warning', word: 'silent' }
  if (host.state === 'connecting') return { tone: 'working', word: 'connecting' }
  return host.mode === 'maintenance'
    ? { tone: 'maintenance', word: 'maintenance' }
    : { tone: 'ok', word: 'connected' }
}

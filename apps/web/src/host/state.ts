import type { Host, HostMode, HostState } from '@drover/model'
import { now } from '../ui/clock'
import type { Shown } from '../vm/state'

/** How a host stands towards control; null: nothing to say, so that what an operator decided is said. */
const states: Record<HostState, Shown | null> = {
  connecting: { tone: 'working', word: 'connecting' },
  connected: null,
  suspect: { tone: 'warning', word: 'silent' },
  unwatched: { tone: 'warning', word: 'agent stopped' },
  isolated: { tone: 'warning', word: 'isolated' },
  fencing: { tone: 'warning', word: 'being fenced' },
  fenced: { tone: 'error', word: 'fenced' },
}

const modes: Record<HostMode, Shown | null> = {
  normal: null,
  entering: { tone: 'maintenance', word: 'entering maintenance' },
  maintenance: { tone: 'maintenance', word: 'maintenance' },
  standby: { tone: 'standby', word: 'standby' },
}

/** Gets no VMs for now, because it was lost too often. */
export function isQuarantined(host: Pick<Host, 'quarantinedUntil'>): boolean {
  return host.quarantinedUntil !== null && host.quarantinedUntil > now()
}

/** Off or about to be, and not on purpose: drawn dark. */
export function isDark(host: Pick<Host, 'state' | 'mode'>): boolean {
  return (host.state === 'fenced' && host.mode !== 'standby') || host.state === 'fencing'
}

/** Off to save power, or on its way there or back. */
export function isAsleep(host: Pick<Host, 'state' | 'mode'>): boolean {
  return host.mode === 'standby' && host.state !== 'fencing'
}

/** How a host stands: silence first, then what an operator decided about it, then what Drover did. */
export function hostState(host: Pick<Host, 'state' | 'mode' | 'proof' | 'quarantinedUntil'>): Shown {
  if (isAsleep(host)) {
    if (host.state === 'connected') return { tone: 'standby', word: 'going to sleep' }
    return host.state === 'connecting'
      ? { tone: 'working', word: 'waking' }
      : { tone: 'standby', word: 'asleep' }
  }
  if (host.state === 'fenced' && host.proof?.by === 'shutdown') return { tone: 'standby', word: 'shut down' }
  const shown = states[host.state] ?? modes[host.mode]
  if (shown) return shown
  return isQuarantined(host) ? { tone: 'warning', word: 'quarantined' } : { tone: 'ok', word: 'connected' }
}

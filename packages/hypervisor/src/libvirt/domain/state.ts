import type { DomainStateInfo } from '@drover/libvirt'
import type { Domain } from '@drover/protocol'

/** Words for why a domain stands still or ended; what is not here needs none. */
const words: Record<string, string> = {
  'paused migration': 'migration',
  'paused save': 'its memory is being saved',
  'paused ioerror': 'a disk failed',
  'paused watchdog': 'its watchdog fired',
  'paused crashed': 'the guest crashed',
  'paused snapshot': 'a snapshot is being taken',
  'paused postcopy': 'post-copy migration',
  'paused postcopy_failed': 'post-copy migration failed',
  'paused api_error': 'libvirt lost hold of it',
  'shutoff crashed': 'its process ended by itself',
  'shutoff failed': 'it could not be started',
  'shutoff saved': 'its memory is saved on disk',
  'shutoff migrated': 'migrated away',
  'crashed panicked': 'the guest panicked',
  'pmsuspended unknown': 'the guest sleeps',
}

/** How a domain looks in which its memory arrives; one that is starting here, or has just left, looks the same. */
const arriving = ['starting_up', 'migration']

/** What a domain does. Only its job tells one that is starting from one that arrives: where that is not known (null), it is
 * not said to be here. */
export function stateOf(
  { state, reason }: Pick<DomainStateInfo, 'state' | 'reason'>,
  job: Domain['job'] | null,
): { state: Domain['state']; reason: string | null } {
  const why = words[`${state} ${reason}`] ?? null
  if (state === 'crashed' || (state === 'shutoff' && reason === 'crashed')) {
    return { state: 'crashed', reason: why }
  }
  if (state === 'shutoff' || state === 'nostate') return { state: 'off', reason: why }
  if (state === 'paused' || state === 'pmsuspended') {
    if (job === 'migration-in' && reason !== 'postcopy' && reason !== 'postcopy_failed') {
      return { state: 'incoming', reason: null }
    }
    if (job === null && arriving.includes(reason)) return { state: 'incoming', reason: null }
    // Its process is there and will run the next moment.
    if (reason === 'starting_up') return { state: 'running', reason: null }
    return { state: 'paused', reason: why }
  }
  return { state: 'running', reason: null }
}

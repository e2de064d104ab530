import { type Connection, type DomainStateInfo, isLibvirtError, type Domain as Ref } from '@drover/libvirt'
import type { Domain } from '@drover/protocol'

const deadlineMs = 3_000

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

export function stateOf(
  { state, reason }: Pick<DomainStateInfo, 'state' | 'reason'>,
  job: Domain['job'],
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
    // Its process is there and will run the next moment.
    if (reason === 'starting_up') return { state: 'running', reason: null }
    return { state: 'paused', reason: why }
  }
  return { state: 'running', reason: null }
}

/** What libvirt does with an active domain right now. */
export async function jobOf(connection: Connection, of: Ref): Promise<Domain['job']> {
  try {
    const { type, operation } = await connection.migration.job(of, {}, { deadlineMs })
    if (type === 'none') return 'none'
    if (operation === 'migration_out') return 'migration-out'
    if (operation === 'migration_in') return 'migration-in'
    return 'other'
  } catch (error) {
    // Only the source may be asked how a migration goes; being told so is the answer.
    if (isLibvirtError(error) && /only on the source/i.test(error.message)) return 'migration-in'
    if (isLibvirtError(error)) return 'none'
    throw error
  }
}
